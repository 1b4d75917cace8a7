// What of the notices' queues every page shows. What one source sent in masses is kept apart, so that it
// hides nobody behind a large number. Pure.
import type { Schemas } from "../api/client";

export interface NoticeWaits {
  danger: number; // where somebody may be in danger
  rest: number; // of all other queues but the flood
  overdue: number; // of those
  nextDueAt: string | undefined; // the next promise among them all
}

export function noticeWaits(queues: readonly Schemas["NoticeQueueCount"][]): NoticeWaits {
  const counted = queues.filter(({ queue }) => queue !== "flood");
  const sum = (rows: typeof counted, of: "waiting" | "overdue") => rows.reduce((all, row) => all + row[of], 0);
  const isDanger = ({ queue }: Schemas["NoticeQueueCount"]) => queue === "imminent";
  const rest = counted.filter((row) => !isDanger(row));
  const [nextDueAt] = counted.flatMap(({ waiting, next_due_at: at }) => (waiting > 0 && at !== undefined ? [at] : [])).sort();
  return { danger: sum(counted.filter(isDanger), "waiting"), rest: sum(rest, "waiting"), overdue: sum(rest, "overdue"), nextDueAt };
}
