// Alarms as one reads them: each code once, with all that it is said of, the worst first. Pure.
import type { Schemas } from "@/api";
import type { StatusKind } from "@/ui";

type Alarm = Schemas["Alarm"];
type Level = Schemas["WatchLevel"];

/** Every code of the watch (src/watch/alarms/observations.hpp), as the catalogue has them. */
export const codes = [
  "canary_missed",
  "canary_unanswered",
  "canary_refused",
  "canary_mistaken",
  "canary_none",
  "door_not_scanning",
  "door_let_through",
  "lists_none_active",
  "lists_only_test",
  "list_empty",
  "list_shrunk",
  "list_stale",
  "index_behind",
  "policy_no_action",
  "rate_low",
  "rate_high",
  "rate_zero",
  "unscannable_rate",
  "owed_old",
  "workers_down",
  "workers_restarting",
  "store_down",
  "store_read_only",
  "outbox_late",
  "vault_down",
  "clock_jumped",
  "clock_stopped",
  "disk_low",
  "disk_full",
  "audit_difference",
  "audit_late",
  "tls_expiring",
  "heartbeat_failing",
  "intake_imminent",
  "intake_due_soon",
  "intake_overdue",
  "intake_unsorted",
  "intake_capacity",
  "intake_detection",
  "intake_flood",
  "intake_mail",
  "intake_no_duty",
  "partner_stale",
  "watch_stopped",
] as const;
export type Code = (typeof codes)[number];

export function codeOf(code: string): Code | undefined {
  const name = code.replaceAll(".", "_");
  return codes.find((each) => each === name);
}

export const kinds: Record<Level, StatusKind> = { ok: "ok", degraded: "warn", blind: "bad" };

const ranks: Record<Level, number> = { blind: 0, degraded: 1, ok: 2 };

export interface Group {
  code: string;
  level: Level; // the worst of them
  since: string; // of the first of them
  alarms: Alarm[];
}

export function groupsOf(alarms: readonly Alarm[]): Group[] {
  const groups = new Map<string, Group>();
  for (const alarm of alarms) {
    const { code, level, since } = alarm;
    const known = groups.get(code);
    groups.set(code, {
      code,
      level: known && ranks[known.level] < ranks[level] ? known.level : level,
      since: known && known.since < since ? known.since : since,
      alarms: [...(known?.alarms ?? []), alarm],
    });
  }
  return [...groups.values()].sort((one, other) => ranks[one.level] - ranks[other.level]);
}

const bands: Record<Schemas["Band"]["state"], number> = { zero: 0, low: 1, high: 2, unknown: 3, within: 4 };

/** What is outside of its band first, the busiest first among equals. */
export function orderOfBands(rows: readonly Schemas["Band"][]): Schemas["Band"][] {
  return [...rows].sort((one, other) => bands[one.state] - bands[other.state] || other.items - one.items || one.list.localeCompare(other.list));
}

/** Whether the last attempt to tell somebody arrived. */
export function arrives({ last_success_at: success, last_failure_at: failure }: Schemas["AlarmChannel"]): boolean | undefined {
  if (success === undefined && failure === undefined) {
    return undefined;
  }
  return failure === undefined || (success !== undefined && success >= failure);
}
