// What cases are made of, in words: for every page that shows them.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Status, type StatusKind } from "@/ui";
import { shortId } from "./ids";

export { shortId };

export type Case = Schemas["Case"];
export type CaseItem = Schemas["CaseItem"];
export type CaseWhole = Schemas["CaseWhole"];
export type Outcome = Schemas["CaseOutcome"];
export type Classification = Schemas["Classification"];
export type Annotation = Schemas["Annotation"];
export type Confidence = Schemas["Confidence"];
export type Mark = Schemas["Mark"];
export type Queue = Schemas["Queue"];
export type CaseState = Schemas["CaseState"];

export const queues = ["urgent", "standard", "self_reported", "legal"] as const satisfies readonly Queue[];
export const states = [
  "open",
  "second_look",
  "disagreement",
  "appealed",
  "decided",
  "closed",
] as const satisfies readonly CaseState[];
export const marks = ["imminent_harm", "possible_new_victim", "vulnerable"] as const satisfies readonly Mark[];
export const classes = ["A1", "A2", "B1", "B2"] as const satisfies readonly Classification[];
export const confidences = ["sure", "likely", "unsure"] as const satisfies readonly Confidence[];
export const annotations = [
  "possible_minor_reported",
  "infant",
  "possible_self_production",
  "live_streaming",
  "physical_harm",
  "violence_gore",
  "bestiality",
  "generative_ai",
  "anime_drawing_virtual",
  "potential_meme",
  "viral",
] as const satisfies readonly Annotation[];

export function isUndecided(state: CaseState): boolean {
  return state === "open" || state === "second_look" || state === "disagreement" || state === "appealed";
}

const kinds: Record<CaseState, StatusKind> = {
  open: "info",
  second_look: "info",
  disagreement: "warn",
  appealed: "warn",
  decided: "busy",
  closed: "ok",
};

export function StateWord({ state }: { state: CaseState }) {
  const { t } = useTranslation("case");
  return <Status kind={kinds[state]}>{t(`state.${state}`)}</Status>;
}

export function MarkWords({ given }: { given: readonly Mark[] }) {
  const { t } = useTranslation("case");
  return (
    <>
      {marks
        .filter((mark) => given.includes(mark))
        .map((mark) => (
          <Status key={mark} kind={mark === "vulnerable" ? "warn" : "bad"}>
            {t(`mark.${mark}`)}
          </Status>
        ))}
    </>
  );
}

/** What it is taken for: "suspected" until somebody confirmed it. */
export function useVerdictText(): (of: Pick<Case, "state" | "outcome" | "classification">) => string {
  const { t } = useTranslation("case");
  return ({ outcome, classification }) => {
    if (outcome === undefined) {
      return t("suspected");
    }
    const word = t(`outcome.${outcome}`);
    return classification === undefined || classification === "" ? word : `${word}, ${classification}`;
  };
}

/** Kinds of actions and of events come from the server; one that is not known is shown as it is. */
export function useActionText(): (kind: string, target: string) => string {
  const { t, i18n } = useTranslation("case");
  return (kind, target) => {
    const key = kind.replace(".", "_");
    const what = i18n.exists(`action.${key}`, { ns: "case" }) ? t(`action.${key as "content_remove"}`) : kind;
    const colon = target.indexOf(":");
    const name = target.slice(colon + 1);
    return `${what}: ${target.startsWith("content:") ? shortId(name) : name}`;
  };
}

export function useEventText(): (event: Schemas["CaseEvent"]) => string {
  const { t, i18n } = useTranslation("case");
  return ({ kind }) => (i18n.exists(`event.${kind}`, { ns: "case" }) ? t(`event.${kind as "opened"}`) : kind);
}

/** Who did it: a name where there is one. */
export function useWho(): (who: string, name: string | undefined) => string {
  const { t } = useTranslation("case");
  return (who, name) => {
    if (name !== undefined && name !== "") {
      return name;
    }
    return who.startsWith("person:") ? shortId(who) : who === "system" ? t("who_system") : who;
  };
}
