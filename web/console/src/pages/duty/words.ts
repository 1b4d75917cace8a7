// What a duty and a span amount to. Pure.
import type { Schemas } from "@/api";

export type DutyState = "there" | "deputy" | "alone" | "nobody";

/** Who answers now: the person; the deputy in their place; the person, with nobody behind them; nobody. */
export function dutyState(of: Schemas["Duty"]): DutyState {
  const isPerson = of.person !== undefined && of.person_absent !== true;
  const isDeputy = of.deputy !== undefined && of.deputy_absent !== true;
  return isPerson ? (isDeputy ? "there" : "alone") : isDeputy ? "deputy" : "nobody";
}

export function isNow(of: Pick<Schemas["DutySpan"], "from" | "until">, now: number): boolean {
  return Date.parse(of.from) <= now && now < Date.parse(of.until);
}

export function byBegin(rows: readonly Schemas["DutySpan"][]): Schemas["DutySpan"][] {
  return [...rows].sort((one, other) => Date.parse(one.from) - Date.parse(other.from) || one.person.localeCompare(other.person));
}

export type Verdict = "unknown" | "enough" | "breaks";

export function verdictOf(of: Schemas["Staffing"]): Verdict {
  return !of.known ? "unknown" : of.enough ? "enough" : "breaks";
}
