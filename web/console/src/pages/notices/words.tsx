// What notices are made of, in words: for every page that shows them.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Status, type StatusKind } from "@/ui";

export { shortId } from "@/casework/ids";

export type Notice = Schemas["Notice"];
export type NoticeWhole = Schemas["NoticeWhole"];
export type NoticeQueue = Schemas["NoticeQueue"];
export type NoticeState = Schemas["NoticeState"];
export type NoticeKind = Schemas["NoticeKind"];
export type NoticeSender = Schemas["NoticeSender"];
export type NoticeOutcome = Schemas["NoticeOutcome"];

/** In the order in which they are answered. */
export const queues = ["imminent", "victim", "flagger", "law", "detection", "public", "flood"] as const satisfies readonly NoticeQueue[];
export const states = ["open", "question", "answered", "withdrawn", "closed"] as const satisfies readonly NoticeState[];
export const kinds = ["content", "solicitation", "account", "detection", "law_request", "other"] as const satisfies readonly NoticeKind[];
export const senders = ["anyone", "victim", "guardian", "flagger", "hotline", "researcher", "council", "authority", "service"] as const satisfies readonly NoticeSender[];
export const outcomes = ["acted", "gone", "no_violation", "handled", "elsewhere", "declined", "done"] as const satisfies readonly NoticeOutcome[];

/** Whether somebody still waits for us; what we asked waits for them and for us. */
export function isWaiting(state: NoticeState): boolean {
  return state === "open" || state === "question";
}

/** Danger before the rest, then by the time of the promise. */
export function byPromise<Row extends Pick<Notice, "queue" | "due_at">>(rows: readonly Row[]): Row[] {
  const rank = ({ queue }: Row) => (queue === "imminent" ? 0 : 1);
  return [...rows].sort((one, other) => rank(one) - rank(other) || Date.parse(one.due_at) - Date.parse(other.due_at));
}

const stateKinds: Record<NoticeState, StatusKind> = { open: "info", question: "busy", answered: "ok", withdrawn: "off", closed: "off" };

export function StateWord({ state }: { state: NoticeState }) {
  const { t } = useTranslation("notices");
  return <Status kind={stateKinds[state]}>{t(`state.${state}`)}</Status>;
}

/** Somebody may be in danger; nothing where nobody said so. */
export function DangerWord({ of }: { of: Pick<Notice, "imminent"> }) {
  const { t } = useTranslation("notices");
  return of.imminent ? <Status kind="bad">{t("danger.word")}</Status> : null;
}

const verifiedKinds: Record<Notice["verified"], StatusKind> = { none: "off", unverified: "warn", verified: "ok", refused: "off" };

/** How far an authority's request is; nothing of other kinds. */
export function VerifiedWord({ of }: { of: Pick<Notice, "verified"> }) {
  const { t } = useTranslation("notices");
  return of.verified === "none" ? null : <Status kind={verifiedKinds[of.verified]}>{t(`verified.${of.verified}`)}</Status>;
}

const events = [
  "received",
  "sorted",
  "taken",
  "asked",
  "added",
  "answered",
  "withdrawn",
  "moved",
  "verified",
  "refused",
  "escalated",
  "closed",
  "reopened",
  "pin_renewed",
] as const;

/** Kinds of events come from the server; one that is not known is shown as it is. */
export function useEventText(): (event: Schemas["NoticeEvent"]) => string {
  const { t } = useTranslation("notices");
  return ({ kind, detail }) => {
    const known = events.find((each) => each === kind);
    if (known === "sorted" && !("case" in (detail as Record<string, unknown>))) {
      return t("event.sorted_alone"); // requests of authorities, say, have no case
    }
    return known === undefined ? kind : t(`event.${known}`);
  };
}

/** What of an event's detail a person reads: words of closed sets, and a reason that one of us gave. */
export function useDetailText(): (detail: Schemas["NoticeEvent"]["detail"]) => string {
  const { t } = useTranslation("notices");
  return (detail) => {
    const said = Object.entries(detail as Record<string, unknown>).flatMap(([name, value]) => {
      const queue = queues.find((each) => each === value);
      const outcome = outcomes.find((each) => each === value);
      if (queue !== undefined && name !== "kind") {
        return [t(`queue.${queue}`)];
      }
      if (outcome !== undefined) {
        return [t(`outcome.${outcome}.name`)];
      }
      return (name === "reason" || name === "how") && typeof value === "string" ? [value] : [];
    });
    return said.join(", ");
  };
}
