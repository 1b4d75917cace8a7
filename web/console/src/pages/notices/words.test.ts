import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { isHeldBack } from "./Answer";
import { queryOf } from "./filters";
import { webAddress } from "./Outside";
import { sentencesOf } from "./sentences";
import { byPromise, isWaiting, outcomes, states } from "./words";

describe("what waits", () => {
  it("stands in the order of promises, danger before all", () => {
    const of = (queue: "imminent" | "victim" | "public", due_at: string) => ({ queue, due_at });
    const mixed = [of("public", "2026-11-22T09:00:00Z"), of("victim", "2026-11-22T08:00:00.5Z"), of("imminent", "2026-11-22T23:00:00Z"), of("victim", "2026-11-22T08:00:00Z")];
    expect(byPromise(mixed).map(({ queue, due_at }) => [queue, due_at])).toEqual([
      ["imminent", "2026-11-22T23:00:00Z"],
      ["victim", "2026-11-22T08:00:00Z"],
      ["victim", "2026-11-22T08:00:00.5Z"],
      ["public", "2026-11-22T09:00:00Z"],
    ]);
  });

  it("waits for us while it is open, also where we asked", () => {
    expect(states.filter(isWaiting)).toEqual(["open", "question"]);
  });
});

describe("the address", () => {
  it("asks the server only for what it takes", () => {
    const asked = queryOf({ queue: "victims", state: "open", waiting: "yes", kind: "content", number: "7".repeat(200), case: "../x", partner: "0197aaaa-0000-7000-8000-000000000001" });
    expect(asked).toEqual({ queue: undefined, state: "open", waiting: undefined, kind: "content", number: "7".repeat(64), flood: undefined, case: undefined, partner: "0197aaaa-0000-7000-8000-000000000001" });
  });
});

describe("links of strangers", () => {
  it.each([
    ["https://example.org/a", "example.org"],
    ["http://example.org:8080/", "example.org:8080"],
    ["https://b\u00fccher.example/", "xn--bcher-kva.example"],
  ])("%s leads to %s", (link, host) => expect(webAddress(link)?.host).toBe(host));

  it.each(["javascript:alert(1)", "data:text/html,x", "example.org", "", "https://example.org@evil.example/", "file:///etc/passwd", "blob:https://example.org/x"])("%s leads nowhere", (link) =>
    expect(webAddress(link)).toBeUndefined());
});

describe("what the sender reads", () => {
  it("is what the public pages say, for every outcome and in both languages", () => {
    const folder = process.env.TUTELA_INTAKE_LOCALES ?? path.resolve(__dirname, "../../../../intake/locales");
    for (const language of ["en", "de"]) {
      const page = JSON.parse(readFileSync(path.join(folder, `${language}.json`), "utf8")) as Record<string, string>;
      for (const outcome of outcomes) {
        const { texts, language: of } = sentencesOf(outcome, language);
        expect([of, texts.join("\n\n")]).toEqual([language, page[`outcome.${outcome}`]]);
        expect(texts.join(""), outcome).not.toMatch(/[{}[\]]/); // nothing left to fill in
      }
    }
  });

  it("is English where the pages do not speak the language, and takes regions along", () => {
    expect(sentencesOf("acted", "fr").language).toBe("en");
    expect(sentencesOf("acted", "de-AT").language).toBe("de");
  });

  it("never says that an authority's request is done before it is verified", () => {
    expect(isHeldBack({ verified: "unverified" }, "done")).toBe(true);
    expect(isHeldBack({ verified: "refused" }, "done")).toBe(true);
    expect(isHeldBack({ verified: "verified" }, "done")).toBe(false);
    expect(isHeldBack({ verified: "unverified" }, "declined")).toBe(false);
  });
});
