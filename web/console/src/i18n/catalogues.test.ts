// The catalogues as the console uses them. scripts/catalogues.mjs compares their keys.
import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { chooseLanguage, startLanguages } from ".";

describe("catalogues", () => {
  beforeAll(async () => {
    localStorage.setItem("tutela.language", "en");
    await startLanguages();
  });

  it("choose the plural of the language and write the number in it", async () => {
    expect(i18next.t("strip.owed", { count: 1 })).toBe("1 item is owed a verdict");
    expect(i18next.t("strip.owed", { count: 12_000 })).toBe("12,000 items are owed a verdict");
    await chooseLanguage("de");
    expect(i18next.t("strip.owed", { count: 1 })).toBe("1 Element wartet auf sein Urteil");
    expect(i18next.t("strip.owed", { count: 12_000 })).toBe("12.000 Elemente warten auf ihr Urteil");
    expect(document.documentElement.lang).toBe("de");
    expect(localStorage.getItem("tutela.language")).toBe("de");
  });
});
