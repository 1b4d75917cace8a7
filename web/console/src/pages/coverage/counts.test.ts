import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api";
import { HOUR_MS, goodByHour, honest, reasonsOf, shareGood, slotsOf, talliesBy, talliesByType } from "./counts";

type Cell = Schemas["CoverageCell"];

const FROM = Date.UTC(2026, 10, 22, 10);
const at = (hour: number) => new Date(FROM + hour * HOUR_MS).toISOString();

function cell(hour: number, verdict: Cell["verdict"], items: number, more: Partial<Cell> = {}): Cell {
  return { at: at(hour), door: "http", media_type: verdict === "arrived" ? "" : "image/jpeg", verdict, items, bytes: items * 1000, ...more };
}

const cells: Cell[] = [
  cell(0, "arrived", 10, { let_through: 2 }),
  cell(0, "no_match", 6, { took_ms_mean: 20, took_ms_max: 90 }),
  cell(0, "match", 1, { took_ms_mean: 90, took_ms_max: 95 }),
  cell(0, "unscannable", 1, { media_type: "image/gif", reason: "media.corrupt", took_ms_mean: 20, took_ms_max: 20 }),
  cell(2, "arrived", 1, { door: "cli" }),
  cell(2, "unscannable", 1, { door: "cli", media_type: "", reason: "media.unsupported_type" }),
];

describe("counts", () => {
  it("count as owed what arrived and has no verdict", () => {
    const [http, cli] = talliesBy(cells, ({ door }) => door);
    expect(http).toEqual({ name: "http", arrived: 10, no_match: 6, match: 1, unscannable: 1, owed: 2, let_through: 2, tookMean: 29, tookMost: 95 });
    expect(cli).toMatchObject({ name: "cli", arrived: 1, owed: 0, tookMost: undefined });
  });

  it("know the type of what was scanned alone", () => {
    const types = talliesByType(cells).map(({ name, no_match, match, unscannable }) => [name, no_match + match + unscannable]);
    expect(types).toEqual([
      ["image/jpeg", 7],
      ["", 1],
      ["image/gif", 1],
    ]);
  });

  it("give each reason its share of all that was scanned", () => {
    expect(reasonsOf(cells)).toEqual([
      { reason: "media.corrupt", items: 1, share: 1 / 9 },
      { reason: "media.unsupported_type", items: 1, share: 1 / 9 },
    ]);
    expect(reasonsOf([])).toEqual([]);
  });

  it("have a place for every hour, and a gap where nothing came", () => {
    const slots = slotsOf(cells, FROM, FROM + 4 * HOUR_MS, HOUR_MS);
    expect(slots.map(({ tally }) => tally.arrived)).toEqual([10, 0, 1, 0]);
    expect(slots[1]?.tally.tookMean).toBeUndefined();
    const [halfDay] = slotsOf(cells, FROM, FROM + 12 * HOUR_MS, 12 * HOUR_MS);
    expect(halfDay?.tally).toMatchObject({ arrived: 11, owed: 2 });
  });
});

describe("canaries by hour", () => {
  const hour = (which: number, format: string, sent: number, good: number, expected: "match" | "no_match" = "match") =>
    ({ at: at(which), door: "http", format, expected, sent, good }) as const;

  it("add up those that must match and those that must not, and leave hours without any open", () => {
    const hours = goodByHour([hour(0, "jpeg", 100, 100), hour(0, "jpeg", 20, 19, "no_match"), hour(2, "jpeg", 5, 0), hour(9, "jpeg", 1, 1)], FROM, 3);
    expect(hours).toEqual([{ sent: 120, good: 119 }, undefined, { sent: 5, good: 0 }]);
    expect(shareGood(hours)).toBeCloseTo(119 / 125);
    expect(shareGood([undefined])).toBeUndefined();
  });

  it("never round a miss away", () => {
    expect(honest(1)).toBe(1);
    expect(honest(0.99999)).toBe(0.999);
    expect(honest(0.5)).toBe(0.5);
  });
});
