import { expect, it } from "vitest";
import { localOf, momentOf } from "./moments";

it("says a moment as a field does, and the same moment back", () => {
  const local = localOf("2026-11-22T10:30:00Z");
  expect(local).toMatch(/^2026-11-2\dT\d\d:\d\d$/);
  expect(momentOf(local)).toBe("2026-11-22T10:30:00.000Z");
});

it("says nothing of nothing, and of what is no moment", () => {
  expect([localOf(undefined), localOf("never"), momentOf(""), momentOf("soon")]).toEqual(["", "", undefined, undefined]);
});
