import { describe, expect, it } from "vitest";
import { candidatesOf } from "./people";
import { byBegin, dutyState, isNow, verdictOf } from "./words";

describe("a duty", () => {
  it.each([
    [{ person: "person:1", deputy: "person:2" }, "there"],
    [{ person: "person:1" }, "alone"],
    [{ person: "person:1", deputy: "person:2", deputy_absent: true }, "alone"],
    [{ person: "person:1", person_absent: true, deputy: "person:2" }, "deputy"],
    [{ person: "person:1", person_absent: true, deputy: "person:2", deputy_absent: true }, "nobody"],
    [{}, "nobody"],
  ] as const)("of %j: %s", (of, state) => expect(dutyState({ queue: "victim", ...of })).toBe(state));
});

describe("a span", () => {
  const span = (id: string, from: string, until: string) => ({ id, person: "person:1", from, until });

  it("holds from its first moment to the one before its end", () => {
    const of = span("1", "2026-11-22T08:00:00Z", "2026-11-22T16:00:00Z");
    expect(["07:59", "08:00", "15:59", "16:00"].map((at) => isNow(of, Date.parse(`2026-11-22T${at}:00Z`)))).toEqual([false, true, true, false]);
  });

  it("stands by its beginning", () => {
    expect(byBegin([span("late", "2026-11-23T08:00:00Z", ""), span("early", "2026-11-22T08:00:00.000Z", "")]).map(({ id }) => id)).toEqual(["early", "late"]);
  });
});

describe("people", () => {
  it("are those who may answer, and who is named already, once and by name", () => {
    const known = [{ person: "person:0197aaaa-1", name: "Zoe" }, { person: "person:0197aaaa-2", name: undefined }, { person: "person:0197aaaa-1", name: "Zoe" }];
    const people = [
      { id: "0197aaaa-3", name: "Anna", role: "reviewer" },
      { id: "0197aaaa-4", name: "Cora", role: "contractor" },
      { id: "0197aaaa-1", name: "Zoe", role: "lead" },
    ];
    expect(candidatesOf(known, people, "en")).toEqual([
      { id: "person:0197aaaa-2", name: "\u202697aaaa-2" },
      { id: "person:0197aaaa-3", name: "Anna" },
      { id: "person:0197aaaa-1", name: "Zoe" },
    ]);
  });
});

describe("staffing", () => {
  it("says nothing where nothing is known", () => {
    const of = { known: false, enough: true, people_now: 0, people_next_day: 0, hours_needed: 0, hours_there: 0 };
    expect(verdictOf(of)).toBe("unknown");
    expect(verdictOf({ ...of, known: true })).toBe("enough");
    expect(verdictOf({ ...of, known: true, enough: false })).toBe("breaks");
  });
});
