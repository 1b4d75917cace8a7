// What reports are made of, in words: for every page that shows them.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Status, useFormats, type StatusKind } from "@/ui";
import { idOf } from "../parts";

export { shortId } from "@/casework/ids";

export type Report = Schemas["Report"];
export type ReportWhole = Schemas["ReportWhole"];
export type ReportDocument = Schemas["ReportDocument"];
export type ReportSummary = Schemas["ReportSummary"];
export type ReportState = Schemas["ReportState"];
export type ReportStep = Schemas["ReportStep"];
export type Environment = Schemas["ReportEnvironment"];

export const states = ["draft", "asked", "released", "waiting", "finished", "withdrawn"] as const satisfies readonly ReportState[];

export function isOpen(state: ReportState): boolean {
  return state !== "finished" && state !== "withdrawn";
}

/** Only what an authority's own system received counts as filed. */
export function countsAsFiled(of: Pick<Report, "state" | "environment">, receipt?: { simulated: boolean }): boolean {
  return of.state === "finished" && of.environment === "production" && receipt?.simulated !== true;
}

const kinds: Record<ReportState, StatusKind> = { draft: "info", asked: "info", released: "busy", waiting: "bad", finished: "ok", withdrawn: "off" };

export function StateWord({ of }: { of: Pick<Report, "state" | "environment"> }) {
  const { t } = useTranslation("reports");
  const isFiled = of.state !== "finished" || countsAsFiled(of);
  return <Status kind={isFiled ? kinds[of.state] : "warn"}>{isFiled ? t(`state.${of.state}`) : t(`finished.${of.environment}`)}</Status>;
}

/** Said wherever a report is: nobody may take a trial for a report that was filed. */
export function EnvironmentWord({ environment }: { environment: Environment }) {
  const { t } = useTranslation("reports");
  const word = t(`environment.${environment}`);
  return environment === "production" ? <span className="nowrap">{word}</span> : <Status kind="warn">{word}</Status>;
}

/** Urgent and of a possible minor; nothing where neither holds. */
export function Marks({ of }: { of: Pick<Report, "urgent" | "minor"> }) {
  const { t } = useTranslation("reports");
  return (
    <>
      {of.urgent && <Status kind="bad">{t("mark.urgent")}</Status>} {of.minor && <Status kind="warn">{t("mark.minor")}</Status>}
    </>
  );
}

const failures = [
  "credentials",
  "rejected",
  "other_bytes",
  "finished_elsewhere",
  "too_many_rounds",
  "unreachable",
  "by_hand",
  "other_channel",
  "other_environment",
  "no_evidence",
  "no_answer",
  "not_sent",
  "vault_down",
] as const;

/** Why a report waits, and what to do about it. */
export function useFailureText(): (code: string) => { why: string; todo: string } {
  const { t } = useTranslation("reports");
  return (code) => {
    const known = failures.find((each) => `report.${each}` === code);
    return known === undefined
      ? { why: t("failure.unknown.why", { code }), todo: t("failure.unknown.todo") }
      : { why: t(`failure.${known}.why`), todo: t(`failure.${known}.todo`) };
  };
}

/** Whether somebody else must release what this person asked for. */
export function isOwnAsk(of: Pick<Report, "state" | "released_by">, principal: string): boolean {
  return of.state === "asked" && of.released_by !== undefined && idOf(of.released_by) === idOf(principal);
}

/** What is to be done next, in a few words. */
export function useNextText(): (of: Report, principal: string) => string {
  const { t } = useTranslation("reports");
  const failure = useFailureText();
  return (of, principal) => {
    if (of.state === "waiting") {
      return t("next.waiting", { why: failure(of.failure ?? "").why });
    }
    if (of.state === "asked") {
      return isOwnAsk(of, principal) ? t("next.asked_own") : t("next.asked");
    }
    if (of.state === "released") {
      return of.failing_since === undefined ? t("next.released") : t("next.retrying", { why: failure(of.failure ?? "").why });
    }
    return of.state === "draft" ? t("next.draft") : "";
  };
}

const DUE_SOON_MS = 6 * 3_600_000;

/** Debts before the rest: what waits for a person, what is overdue or nearly due, what is released. */
export function rankOf(of: Report, now: number): number {
  const left = of.due_at === undefined ? Infinity : new Date(of.due_at).getTime() - now;
  if (of.state === "waiting") {
    return of.urgent ? 0 : 1;
  }
  if (left < 0) {
    return 2;
  }
  if (of.urgent) {
    return 3;
  }
  if (left < DUE_SOON_MS) {
    return 4;
  }
  return of.state === "released" ? 5 : of.state === "asked" ? 6 : 7;
}

export function byDebt(reports: readonly Report[], now: number): Report[] {
  const dueOf = (of: Report) => (of.due_at === undefined ? Infinity : new Date(of.due_at).getTime());
  return [...reports].sort((a, b) => rankOf(a, now) - rankOf(b, now) || (dueOf(a) === dueOf(b) ? 0 : dueOf(a) - dueOf(b)) || a.id.localeCompare(b.id));
}

export type CodeMeaning = "success" | "server" | "credentials" | "rejected" | "no_report" | "no_file" | "retracted" | "finished" | "unknown";

/** What a code of the CyberTipline says (its documentation, chapter "Response Codes"). */
export function meaningOf(code: number): CodeMeaning {
  const single = new Map<number, CodeMeaning>([
    [0, "success"],
    [5001, "no_report"],
    [5002, "no_file"],
    [5101, "retracted"],
    [5102, "finished"],
  ]);
  const found = single.get(code);
  if (found !== undefined) {
    return found;
  }
  if (code >= 1000 && code < 2000) {
    return "server";
  }
  if (code >= 2000 && code < 4000) {
    return "credentials";
  }
  return code >= 4000 && code < 5000 ? "rejected" : "unknown";
}

/** "ncmec" and the like are names of the configuration; some are known by more. */
export function useAuthorityName(): (name: string) => string {
  const { t } = useTranslation("reports");
  return (name) => (name === "ncmec" ? t("authority.ncmec") : name === "ncmec_corrections" ? t("authority.ncmec_corrections") : name);
}

/** A moment of a document beside its text: "5 Jan 2026, 11:00:00 CET". */
export function useMomentText(): (text: string) => string | undefined {
  const formats = useFormats();
  return (text) => {
    const at = /^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text) : undefined;
    return at === undefined || Number.isNaN(at.getTime()) ? undefined : formats.absolute(at);
  };
}
