// What the strip says of doors, canaries and lists: of the watch where one reads it, else of what
// everybody is told.
import type { Schemas } from "../api/client";

export interface Watched {
  doors: number;
  on: number; // of those
  fresh: number; // active lists that are neither empty nor stale; canaries' own is none
  /** When the door that has waited longest for a good canary had its last. */
  canaryAt: string | undefined;
}

function lastCanary(canaries: readonly Schemas["CanaryLine"][]): string | undefined {
  const doors = new Map<string, string>();
  for (const { door, last_good_at: at } of canaries) {
    const known = doors.get(door) ?? "";
    doors.set(door, at !== undefined && at > known ? at : known);
  }
  const [oldest] = [...doors.values()].sort();
  return oldest === "" ? undefined : oldest;
}

const LISTS = /^list\./;

export function watchedOf(detection: Schemas["Detection"], coverage: Schemas["Coverage"] | undefined): Watched {
  if (coverage === undefined) {
    const { doors, lists } = detection;
    return {
      doors: doors.length,
      on: doors.filter(({ state }) => state === "on").length,
      fresh: Math.max(0, lists.active - lists.empty.length - lists.stale.length),
      canaryAt: undefined,
    };
  }
  const wrong = new Set(coverage.alarms.filter(({ code }) => LISTS.test(code)).map(({ object }) => object));
  return {
    doors: coverage.doors.length,
    on: coverage.doors.filter(({ level }) => level === "ok").length,
    fresh: coverage.lists.filter(({ name, purpose }) => purpose !== "canary" && !wrong.has(name)).length,
    canaryAt: lastCanary(coverage.canaries),
  };
}
