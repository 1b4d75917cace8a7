// What a verdict would do, as a sentence: written out before it is done.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { useFormats } from "@/ui";

type Plan = Schemas["Plan"];

const known = [
  "content_remove",
  "content_release",
  "content_restore",
  "account_suspend",
  "account_restore",
  "signal_dispute",
  "report_correct",
] as const;

/** Kinds of actions with how many there are of each, in the order in which they are done. */
export function countActions(actions: readonly Schemas["PlannedAction"][]): { kind: string; targets: string[] }[] {
  const found = new Map<string, string[]>();
  for (const { kind, target } of actions) {
    found.set(kind, [...(found.get(kind) ?? []), target.slice(target.indexOf(":") + 1)]);
  }
  return [...found].map(([kind, targets]) => ({ kind, targets }));
}

export function usePlanParts(): (actions: readonly Schemas["PlannedAction"][]) => string[] {
  const { t } = useTranslation("case");
  return (actions) =>
    countActions(actions).map(({ kind, targets }) => {
      const key = known.find((each) => each === kind.replace(".", "_"));
      if (key === undefined) {
        return t("plan.other", { kind, count: targets.length });
      }
      return key === "account_suspend" && targets.length === 1
        ? t("plan.account_suspend_one_named", { name: targets[0] ?? "" })
        : t(`plan.${key}`, { count: targets.length });
    });
}

export function usePlanText(): (plan: Plan) => string {
  const { t } = useTranslation("case");
  const formats = useFormats();
  const parts = usePlanParts();
  return (plan) => {
    const does = parts(plan.actions);
    if (plan.evidence_kept_days > 0) {
      does.push(t("plan.keep", { count: plan.evidence_kept_days }));
    }
    const sentences = [
      plan.second_look ? t("plan.second_look") : "",
      does.length > 0 ? t(plan.second_look ? "plan.then" : "plan.does", { what: formats.list(does) }) : t("plan.nothing"),
      plan.legal ? t("plan.legal") : "",
      plan.report_due_at !== undefined ? t("plan.report", { at: formats.absolute(plan.report_due_at) }) : "",
    ];
    return sentences.filter(Boolean).join(" ");
  };
}
