import { describe, expect, it } from "vitest";
import { pairsOf, ratesOf } from "./figures";

describe("figures", () => {
  it("leaves a gap where there is nothing to divide by", () => {
    const day = { day: "2026-11-22", opened: 3, decided: 0, confirmed: 0, views: 2, overturned: 0, samples: 0, samples_wrong: 0, points: 1 };
    expect(pairsOf([day])).toEqual([
      { day: "2026-11-22", views: undefined, overturned: undefined, decided: 0, upheld: 0, wrong: undefined },
    ]);
    expect(ratesOf([{ list: "a", matches: 0, of: 0 }])[0]?.per10k).toBeUndefined();
  });

  it("puts views per case beside overturns of the same day", () => {
    const day = { day: "d", opened: 0, decided: 10, confirmed: 5, views: 4, overturned: 1, samples: 8, samples_wrong: 2, points: 1 };
    expect(pairsOf([day])[0]).toMatchObject({ views: 0.4, overturned: 0.1, wrong: 0.25 });
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
