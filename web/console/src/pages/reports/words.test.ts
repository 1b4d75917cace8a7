import { describe, expect, it } from "vitest";
import { byDebt, countsAsFiled, isOwnAsk, meaningOf, rankOf, type Report } from "./words";

const now = Date.parse("2026-11-22T12:00:00Z");

function report(change: Partial<Report>): Report {
  return {
    id: "0197aaaa-0000-7000-8000-000000000001",
    version: 1,
    authority: "ncmec",
    environment: "production",
    jurisdiction: "US",
    kind: "report",
    state: "draft",
    document: 1,
    urgent: false,
    minor: false,
    automatic: false,
    overdue: false,
    attempts: 0,
    created_at: "2026-11-22T00:00:00Z",
    created_by: "system",
    ...change,
  };
}

describe("reports", () => {
  it("stand in the order of what is owed", () => {
    const draft = report({ id: "draft" });
    const asked = report({ id: "asked", state: "asked" });
    const released = report({ id: "released", state: "released" });
    const soon = report({ id: "soon", due_at: "2026-11-22T13:00:00Z" });
    const over = report({ id: "over", due_at: "2026-11-22T11:00:00Z" });
    const waiting = report({ id: "waiting", state: "waiting" });
    const urgent = report({ id: "urgent", state: "waiting", urgent: true });
    const mixed = [draft, released, urgent, soon, asked, waiting, over];
    expect(byDebt(mixed, now).map((each) => each.id)).toEqual(["urgent", "waiting", "over", "soon", "released", "asked", "draft"]);
    expect(rankOf(report({ urgent: true }), now)).toBeLessThan(rankOf(soon, now));
  });

  it("count as filed only where an authority's own system has them", () => {
    expect(countsAsFiled(report({ state: "finished" }))).toBe(true);
    expect(countsAsFiled(report({ state: "finished" }), { simulated: true })).toBe(false);
    expect(countsAsFiled(report({ state: "finished", environment: "test" }))).toBe(false);
    expect(countsAsFiled(report({ state: "finished", environment: "simulated" }))).toBe(false);
    expect(countsAsFiled(report({ state: "released" }))).toBe(false);
  });

  it("that one person asked for are another's to release", () => {
    const asked = report({ state: "asked", released_by: "person:1" });
    expect(isOwnAsk(asked, "person:1")).toBe(true);
    expect(isOwnAsk(asked, "person:2")).toBe(false);
    expect(isOwnAsk(report({ released_by: "person:1" }), "person:1")).toBe(false);
  });
});

describe("a code of the authority", () => {
  it.each([
    [0, "success"],
    [1000, "server"],
    [1999, "server"],
    [2000, "credentials"],
    [3999, "credentials"],
    [4000, "rejected"],
    [4999, "rejected"],
    [5001, "no_report"],
    [5002, "no_file"],
    [5101, "retracted"],
    [5102, "finished"],
    [5000, "unknown"],
    [-1, "unknown"],
    [9999, "unknown"],
  ])("%i means %s", (code, meaning) => expect(meaningOf(code)).toBe(meaning));
});
