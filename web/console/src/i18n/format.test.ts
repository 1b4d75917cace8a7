import { describe, expect, it } from "vitest";
import { formatsOf } from "./format";

const en = formatsOf("en");
const de = formatsOf("de");
const now = Date.UTC(2026, 10, 22, 12);

describe("formats", () => {
  it("say moments with their zone", () => {
    expect(en.absolute(now)).toMatch(/2026.*(UTC|GMT)/);
    expect(de.absolute(now)).toMatch(/22\. Nov\. 2026.*(UTC|GMT|MEZ)/);
  });

  it("say how long ago in the language", () => {
    expect(en.relative(now - 3 * 3_600_000, now)).toBe("3 hours ago");
    expect(en.relative(now + 61_000, now)).toBe("in 1 minute");
    expect(de.relative(now - 90_000_000, now)).toBe("gestern");
    expect(de.relative(now - 12_000, now)).toBe("vor 12 Sekunden");
  });

  it("say lengths in the two largest units", () => {
    expect(en.duration(3 * 3_600_000 + 20 * 60_000 + 5000)).toBe("3 hr 20 min");
    expect(en.duration(26 * 3_600_000)).toBe("1 day 2 hr");
    expect(en.duration(2 * 86_400_000 + 60_000)).toBe("2 days");
    expect(en.duration(59_999)).toBe("59 sec");
    expect(en.duration(-5)).toBe("0 sec");
    expect(de.duration(90 * 60_000)).toBe("1 Std. 30 Min.");
  });

  it("group numbers and name bytes as the language does", () => {
    expect(en.number(1234567)).toBe("1,234,567");
    expect(de.number(1234567)).toBe("1.234.567");
    expect(en.bytes(999)).toBe("999 byte");
    expect(en.bytes(1500)).toBe("1.5 kB");
    expect(de.bytes(48_213_000)).toBe("48 MB");
  });
});
