import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import { noticeWaits } from "./noticeWaits";

function row(queue: Schemas["NoticeQueue"], waiting: number, overdue = 0, due?: string): Schemas["NoticeQueueCount"] {
  return { queue, waiting, taken: 0, due_soon: 0, overdue, ...(due === undefined ? {} : { next_due_at: due }) };
}

it("keeps danger apart from the rest, and masses out of both", () => {
  const queues = [row("imminent", 2), row("victim", 3, 1), row("public", 4), row("flood", 9000, 8000, "2026-11-22T08:00:00Z")];
  expect(noticeWaits(queues)).toEqual({ danger: 2, rest: 7, overdue: 1, nextDueAt: undefined });
});

it("names the next promise of all that wait", () => {
  const queues = [row("victim", 1, 0, "2026-11-22T12:00:00Z"), row("imminent", 1, 0, "2026-11-22T10:00:00Z"), row("law", 0, 0, "2026-11-22T09:00:00Z")];
  expect(noticeWaits(queues).nextDueAt).toBe("2026-11-22T10:00:00Z");
});
