// What waits: each number is a link to what it counts. What a role may not know of is not there.
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import type { Schemas } from "../api/client";
import { useNoticeQueues, useOverview, useReportSummary } from "../api/overview";
import { useMe } from "../api/session";
import { noticeWaits } from "./noticeWaits";
import { useFormats } from "../i18n/format";
import { Due } from "../ui/Time";

type Waiting = Schemas["Waiting"];
type Counted = Exclude<keyof Waiting, "next_report_due_at">;

interface Wait {
  name: Counted;
  to: string;
  permission: string;
  pressing?: boolean;
}

const waits: readonly Wait[] = [
  { name: "urgent", to: "/queue?queue=urgent", permission: "case_decide", pressing: true },
  { name: "reports_due", to: "/cases?sort=due", permission: "case_read", pressing: true },
  { name: "mine", to: "/cases?mine=true", permission: "case_decide" },
  { name: "queue", to: "/queue", permission: "case_decide" },
  { name: "second_looks", to: "/cases?state=second_look", permission: "case_read" },
  { name: "disagreements", to: "/cases?state=disagreement", permission: "case_lead" },
  { name: "appeals", to: "/appeals?waiting=true", permission: "appeal_decide" },
  { name: "owed_actions", to: "/actions?state=owed", permission: "action_read" },
  { name: "requests", to: "/evidence/requests", permission: "requests_read" },
];

/** Reports that are not finished: pressing where one waits for a person or is overdue. */
function ReportDebts() {
  const { t } = useTranslation("common");
  const formats = useFormats();
  const { data } = useReportSummary();
  if (data === undefined) {
    return null;
  }
  const count = data.drafts + data.released + data.waiting;
  return (
    <li data-none={count === 0 ? "" : undefined} data-kind={data.waiting + data.overdue > 0 ? "bad" : undefined}>
      <Link to="/reports">
        {t("waits.report_debts")} <b>{formats.number(count)}</b>
      </Link>
      {count > 0 && data.next_due_at !== undefined && (
        <>
          {" "}
          <Due at={data.next_due_at} />
        </>
      )}
    </li>
  );
}

/** What people outside wait for: danger first, then the rest with the next promise. */
function Notices() {
  const { t } = useTranslation("common");
  const formats = useFormats();
  const { data } = useNoticeQueues();
  if (data === undefined) {
    return null;
  }
  const { danger, rest, overdue, nextDueAt } = noticeWaits(data.queues);
  return (
    <>
      <li data-none={danger === 0 ? "" : undefined} data-kind={danger > 0 ? "bad" : undefined}>
        <Link to="/notices?queue=imminent&waiting=true">
          {t("waits.notices_imminent")} <b>{formats.number(danger)}</b>
        </Link>
      </li>
      <li data-none={rest === 0 ? "" : undefined} data-kind={overdue > 0 ? "bad" : undefined}>
        <Link to="/notices">
          {t("waits.notices")} <b>{formats.number(rest)}</b>
        </Link>
        {nextDueAt !== undefined && (
          <>
            {" "}
            <Due at={nextDueAt} />
          </>
        )}
      </li>
    </>
  );
}

export function Waits() {
  const { t } = useTranslation("common");
  const { data } = useOverview();
  const formats = useFormats();
  const me = useMe();
  const waiting = data?.waiting;
  const shown = waits.filter((each) => me.permissions.includes(each.permission));
  const reads = me.permissions.includes("notice_read");
  if (!waiting || (shown.length === 0 && !reads)) {
    return null;
  }
  return (
    <nav aria-label={t("waits.label")}>
      <ul className="waits">
        {reads && <Notices />}
        {shown.map(({ name, to, pressing }) => {
          const count = waiting[name];
          return (
            <li key={name} data-none={count === 0 ? "" : undefined} data-kind={pressing && count > 0 ? "bad" : undefined}>
              <Link to={to}>
                {t(`waits.${name}`)} <b>{formats.number(count)}</b>
              </Link>
              {name === "reports_due" && waiting.next_report_due_at !== undefined && (
                <>
                  {" "}
                  <Due at={waiting.next_report_due_at} />
                </>
              )}
            </li>
          );
        })}
        {me.permissions.includes("report_read") && <ReportDebts />}
      </ul>
    </nav>
  );
}
