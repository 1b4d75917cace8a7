// Columns of cases, for the rooms that list them.
import { useTranslation } from "react-i18next";
import { Due, Status, Time, useFormats, type Column } from "@/ui";
import { MarkWords, StateWord, isUndecided, shortId, useVerdictText, type Case } from "./words";

/** What of a case is due next. */
export function nextDue(of: Case): string | undefined {
  if (of.state !== "appealed" && isUndecided(of.state)) {
    return of.first_look_at === undefined ? of.first_look_due_at : of.decision_due_at;
  }
  return of.reported_at === undefined ? of.report_due_at : undefined;
}

export function useCaseColumns(): readonly Column<Case>[] {
  const { t } = useTranslation("case");
  const formats = useFormats();
  const verdict = useVerdictText();
  return [
    { id: "case", label: t("column.case"), fixed: true, cell: (of) => <span className="mono">{shortId(of.id)}</span> },
    {
      id: "origin",
      label: t("column.origin"),
      cell: (of) => (
        <>
          <span className="nowrap">{t(`origin.${of.origin}`)}</span> <MarkWords given={of.marks} />
        </>
      ),
    },
    { id: "verdict", label: t("column.verdict"), cell: (of) => verdict(of) },
    {
      id: "due",
      label: t("column.due"),
      last: true,
      cell: (of) => {
        const due = nextDue(of);
        return due === undefined ? "" : <Due at={due} />;
      },
    },
    { id: "state", label: t("column.state"), last: true, cell: (of) => <span className="nowrap"><StateWord state={of.state} /></span> },
    { id: "queue", label: t("column.queue"), hidden: true, cell: (of) => t(`queue.${of.queue}`) },
    { id: "view", label: t("column.view"), cell: (of) => <span className="nowrap">{t(of.needs_view ? "needs_view" : "needs_no_view")}</span> },
    { id: "items", label: t("column.items"), number: true, cell: (of) => formats.number(of.items) },
    { id: "spread", label: t("column.spread"), number: true, cell: (of) => formats.number(of.spread) },
    { id: "account", label: t("column.account"), hidden: true, cell: (of) => of.account ?? "" },
    { id: "opened", label: t("column.opened"), cell: (of) => <Time at={of.opened_at} /> },
    {
      id: "lock",
      label: t("column.lock"),
      cell: (of) => of.lock && <Status kind={of.lock.mine ? "ok" : "busy"}>{of.lock.name}</Status>,
    },
  ];
}
