import { describe, expect, it } from "vitest";
import { byNeed, detailsOf, formOf, withWords, wrongOf, type Partner } from "./words";

function partner(change: Partial<Partner>): Partner {
  return {
    id: "0197aaaa-0000-7000-8000-000000000001",
    version: 1,
    kind: "hotline",
    name: "A hotline",
    confirm_days: 90,
    confirmed_at: "2026-11-01T00:00:00Z",
    confirmed_by: "person:1",
    at: "2026-11-01T00:00:00Z",
    stale: false,
    absent: false,
    ...change,
  };
}

describe("partners", () => {
  it("stand with those that are to be confirmed first, and those of the past last", () => {
    const rows = [partner({ name: "b" }), partner({ name: "past", ended_at: "2026-11-02T00:00:00Z", stale: true }), partner({ name: "a" }), partner({ name: "away", absent: true }), partner({ name: "old", stale: true })];
    expect(byNeed(rows, "en").map(({ name }) => name)).toEqual(["old", "away", "a", "b", "past"]);
  });

  it("are found by all words in name, organisation, role, note or address", () => {
    const rows = [partner({ name: "Officer", organisation: "Example Police", role: "on call" }), partner({ name: "Desk" })];
    expect(withWords(rows, "CALL police").map(({ name }) => name)).toEqual(["Officer"]);
    expect(withWords(rows, " ")).toHaveLength(2);
  });
});

describe("the form of a partner", () => {
  it("gives back what it was filled with", () => {
    const of = partner({ role: "officer on call", url: "https://example.org/", country: "DE", absent_from: "2026-12-01T08:00:00.000Z", absent_until: "2026-12-02T08:00:00.000Z" });
    expect(detailsOf(formOf(of))).toMatchObject({
      kind: "hotline",
      name: "A hotline",
      role: "officer on call",
      url: "https://example.org/",
      country: "DE",
      confirm_days: 90,
      absent_from: "2026-12-01T08:00:00.000Z",
      absent_until: "2026-12-02T08:00:00.000Z",
    });
  });

  it("does not say what is empty", () => {
    const details = JSON.parse(JSON.stringify(detailsOf({ ...formOf(undefined), name: " Desk " }))) as unknown;
    expect(details).toEqual({ kind: "hotline", name: "Desk", confirm_days: 180 });
  });

  it("names what the server would refuse", () => {
    const good = { ...formOf(undefined), name: "Desk" };
    expect(wrongOf(good)).toEqual([]);
    expect(wrongOf({ ...good, name: " ", country: "DEU", url: "http://x", days: "0", from: "2026-12-01T08:00" })).toEqual(["name", "country", "url", "days", "absence"]);
    expect(wrongOf({ ...good, from: "2026-12-02T08:00", until: "2026-12-01T08:00" })).toEqual(["absence"]);
    expect(wrongOf({ ...good, days: "1.5" })).toEqual(["days"]);
  });
});
