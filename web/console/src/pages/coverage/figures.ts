// Figures for the charts. What was not measured stays a gap: a rate of nothing is not nought.
import type { Schemas } from "@/api";

type Stats = Schemas["ReviewStats"];

export interface Rate {
  label: string;
  matches: number;
  of: number;
  per10k: number | undefined;
}

export function shareOf(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

/** Matches in 10,000 items, the busiest list first. */
export function ratesOf(lists: Stats["lists"]): Rate[] {
  return lists
    .map(({ list, matches, of }) => {
      const share = shareOf(matches, of);
      return { label: list, matches, of, per10k: share === undefined ? undefined : share * 10_000 };
    })
    .sort((one, other) => other.matches - one.matches || one.label.localeCompare(other.label));
}

export interface Pair {
  day: string;
  views: number | undefined; // a decided case
  overturned: number | undefined; // share of decided cases
  decided: number;
  upheld: number; // decisions overturned on appeal
  wrong: number | undefined; // share of samples decided otherwise
}

export function pairsOf(days: Stats["days"]): Pair[] {
  return days.map((day) => ({
    day: day.day,
    views: shareOf(day.views, day.decided),
    overturned: shareOf(day.overturned, day.decided),
    decided: day.decided,
    upheld: day.overturned,
    wrong: shareOf(day.samples_wrong, day.samples),
  }));
}
