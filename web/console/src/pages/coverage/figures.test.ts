import { describe, expect, it } from "vitest";
import { coverageOf, pairsOf, ratesOf } from "./figures";
import { codeOf, stops } from "./reasons";

describe("figures", () => {
  it("leaves a gap where there is nothing to divide by", () => {
    const day = { day: "2026-11-22", opened: 3, decided: 0, confirmed: 0, views: 2, overturned: 0, samples: 0, samples_wrong: 0, points: 1 };
    expect(pairsOf([day])).toEqual([
      { day: "2026-11-22", views: undefined, overturned: undefined, decided: 0, upheld: 0, wrong: undefined },
    ]);
    expect(coverageOf([])).toEqual({ scans: 0, verdicts: undefined });
    expect(ratesOf([{ list: "a", matches: 0, of: 0 }])[0]?.per10k).toBeUndefined();
  });

  it("puts views per case beside overturns of the same day", () => {
    const day = { day: "d", opened: 0, decided: 10, confirmed: 5, views: 4, overturned: 1, samples: 8, samples_wrong: 2, points: 1 };
    expect(pairsOf([day])[0]).toMatchObject({ views: 0.4, overturned: 0.1, wrong: 0.25 });
  });

  it("counts what is owed as not covered", () => {
    const hour = { hour: "h", no_match: 6, match: 1, unscannable: 1, owed: 2 };
    expect(coverageOf([hour, { ...hour, owed: 0 }])).toEqual({ scans: 18, verdicts: 16 / 18 });
  });

  it("gives rates in 10,000, the busiest list first", () => {
    const rates = ratesOf([
      { list: "b", matches: 1, of: 20_000 },
      { list: "a", matches: 7, of: 20_000 },
    ]);
    expect(rates.map((each) => [each.label, each.per10k])).toEqual([
      ["a", 3.5],
      ["b", 0.5],
    ]);
  });
});

describe("reasons", () => {
  it("knows the server's codes, and leaves others to their own words", () => {
    expect(codeOf("lists.none_active")).toBe("lists_none_active");
    expect(codeOf("list.empty")).toBe("list_empty");
    expect(codeOf("door.unheard_of")).toBeUndefined();
  });

  it("tells what stops detection from what impairs it", () => {
    expect(stops("store.down")).toBe(true);
    expect(stops("list.stale")).toBe(false);
    expect(stops("door.unheard_of")).toBe(false);
  });
});
