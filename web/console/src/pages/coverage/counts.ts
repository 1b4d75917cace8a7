// Counts by hour made into what charts and tables show. Pure. What was not measured stays a gap.
import type { Schemas } from "@/api";

type Cell = Schemas["CoverageCell"];
type CanaryHour = Schemas["CanaryHour"];

export const HOUR_MS = 3_600_000;

export interface Tally {
  name: string; // of a door, a type, a reason; "" where it is not known
  arrived: number;
  no_match: number;
  match: number;
  unscannable: number;
  owed: number;
  let_through: number;
  tookMean: number | undefined; // ms, from arrival to verdict
  tookMost: number | undefined;
}

interface Sum {
  tally: Tally;
  tookSum: number;
}

function add(sum: Sum, cell: Cell): void {
  const { tally } = sum;
  tally[cell.verdict] += cell.items;
  tally.owed += cell.verdict === "arrived" ? cell.items : -cell.items;
  tally.let_through += cell.let_through ?? 0;
  if (cell.verdict !== "arrived") {
    sum.tookSum += (cell.took_ms_mean ?? 0) * cell.items;
    tally.tookMost = cell.took_ms_max === undefined ? tally.tookMost : Math.max(tally.tookMost ?? 0, cell.took_ms_max);
  }
}

function empty(name: string): Sum {
  const none = { arrived: 0, no_match: 0, match: 0, unscannable: 0, owed: 0, let_through: 0 };
  return { tally: { name, ...none, tookMean: undefined, tookMost: undefined }, tookSum: 0 };
}

const scanned = ({ no_match, match, unscannable }: Tally) => no_match + match + unscannable;

/** The largest first. */
export function talliesBy(cells: readonly Cell[], nameOf: (cell: Cell) => string): Tally[] {
  const sums = new Map<string, Sum>();
  for (const cell of cells) {
    const name = nameOf(cell);
    const sum = sums.get(name) ?? empty(name);
    add(sum, cell);
    sums.set(name, sum);
  }
  return [...sums.values()]
    .map(({ tally, tookSum }) => {
      const count = scanned(tally);
      return { ...tally, owed: Math.max(0, tally.owed), tookMean: count === 0 ? undefined : Math.round(tookSum / count) };
    })
    .sort((one, other) => other.arrived + scanned(other) - one.arrived - scanned(one) || one.name.localeCompare(other.name));
}

/** What was scanned, by type: what is owed has none yet. */
export function talliesByType(cells: readonly Cell[]): Tally[] {
  return talliesBy(
    cells.filter(({ verdict }) => verdict !== "arrived"),
    ({ media_type: type }) => type,
  );
}

export interface Reason {
  reason: string;
  items: number;
  share: number; // of all that was scanned
}

/** Why items could not be scanned, the most frequent first. */
export function reasonsOf(cells: readonly Cell[]): Reason[] {
  let all = 0;
  const counts = new Map<string, number>();
  for (const { verdict, reason = "", items } of cells) {
    all += verdict === "arrived" ? 0 : items;
    if (verdict === "unscannable") {
      counts.set(reason, (counts.get(reason) ?? 0) + items);
    }
  }
  return [...counts]
    .map(([reason, items]) => ({ reason, items, share: items / all }))
    .sort((one, other) => other.items - one.items || one.reason.localeCompare(other.reason));
}

export interface Slot {
  at: number;
  tally: Tally;
}

/** Every step from `from` to before `until`, also those in which nothing came. */
export function slotsOf(cells: readonly Cell[], from: number, until: number, stepMs: number): Slot[] {
  const slots = Array.from({ length: Math.max(0, Math.ceil((until - from) / stepMs)) }, (_, at) => from + at * stepMs);
  const of = new Map<number, Cell[]>();
  for (const cell of cells) {
    const slot = Math.floor((new Date(cell.at).getTime() - from) / stepMs);
    of.set(slot, [...(of.get(slot) ?? []), cell]);
  }
  return slots.map((at, slot) => ({ at, tally: talliesBy(of.get(slot) ?? [], () => "")[0] ?? empty("").tally }));
}

export interface Good {
  sent: number;
  good: number;
}

/** Canaries hour by hour: an hour in which none was sent is undefined. */
export function goodByHour(canaries: readonly CanaryHour[], from: number, hours: number): (Good | undefined)[] {
  const slots = new Array<Good | undefined>(hours).fill(undefined);
  for (const { at, sent, good } of canaries) {
    const slot = Math.floor((new Date(at).getTime() - from) / HOUR_MS);
    if (slot >= 0 && slot < hours && sent > 0) {
      const known = slots[slot] ?? { sent: 0, good: 0 };
      slots[slot] = { sent: known.sent + sent, good: known.good + good };
    }
  }
  return slots;
}

export function shareGood(hours: readonly (Good | undefined)[]): number | undefined {
  let sent = 0;
  let good = 0;
  for (const hour of hours) {
    sent += hour?.sent ?? 0;
    good += hour?.good ?? 0;
  }
  return sent === 0 ? undefined : good / sent;
}

/** Nearly all is not all: 0.99996 is not shown as 100 %. */
export function honest(share: number): number {
  return share < 1 ? Math.min(share, 0.999) : share;
}
