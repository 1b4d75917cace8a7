import { expect, it } from "vitest";
import type { Schemas } from "@/api";
import { oldestOf } from "./ages";

function open(id: string, openedAt: string, lookAt?: string): Schemas["Case"] {
  return {
    id,
    version: 1,
    queue: "standard",
    state: "open",
    origin: "match",
    severity: 1,
    marks: [],
    spread: 1,
    reports: 0,
    items: 1,
    needs_view: true,
    opened_at: openedAt,
    first_look_due_at: "2026-11-02T06:00:00Z",
    decision_due_at: "2026-11-05T00:00:00Z",
    ...(lookAt === undefined ? {} : { first_look_at: lookAt }),
  };
}

it("takes the first that nobody looked at, and its own promise", () => {
  const seen = open("a", "2026-10-30T00:00:00Z", "2026-11-01T00:00:00Z");
  const waits = open("b", "2026-11-01T06:00:00Z");
  const later = open("c", "2026-11-01T08:00:00Z");
  expect(oldestOf("standard", [seen, waits, later])).toEqual({
    queue: "standard",
    openedAt: Date.UTC(2026, 10, 1, 6),
    promiseMs: 24 * 3_600_000,
  });
});

it("says nothing of a queue in which nobody waits for a first look", () => {
  expect(oldestOf("urgent", [open("a", "2026-11-01T00:00:00Z", "2026-11-01T00:10:00Z")])).toBeUndefined();
  expect(oldestOf("urgent", [])).toBeUndefined();
});
