// One report: what it waits for, what is missing, the document, and what happened to it.
import { useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router-dom";
import { useMe, useReportSummary } from "@/api";
import { Due, Fetched, Page, Section, Status, Time } from "@/ui";
import { Facts, Mono, Who } from "../parts";
import { Acts } from "./Acts";
import { Document } from "./Document";
import { useReport, useReportDocument } from "./queries";
import { Phones } from "./Phones";
import { Files, Notes, Prior, Receipt } from "./Side";
import { Timeline } from "./Timeline";
import styles from "./reports.module.css";
import { useEditor } from "./useEditor";
import { EnvironmentWord, Marks, StateWord, isOpen, isOwnAsk, shortId, useAuthorityName, useFailureText, type ReportDocument, type ReportWhole } from "./words";

function Notice({ kind, title, children }: { kind: "warn" | "bad" | "info"; title: string; children?: ReactNode }) {
  return (
    <div className={styles.notice} data-kind={kind}>
      <Status kind={kind}>
        <b>{title}</b>
      </Status>
      {children !== undefined && <div>{children}</div>}
    </div>
  );
}

function Notices({ whole }: { whole: ReportWhole }) {
  const { t } = useTranslation("reports");
  const me = useMe();
  const failure = useFailureText();
  const summary = useReportSummary();
  const of = whole.report;
  const why = of.failure === undefined ? undefined : failure(of.failure);
  return (
    <>
      {of.environment !== "production" && <Notice kind="warn" title={t(`not_filed.${of.environment}.title`)}>{t(`not_filed.${of.environment}.text`)}</Notice>}
      {of.state === "waiting" && why && (
        <Notice kind="bad" title={t("notice.waiting", { why: why.why })}>
          <p>{why.todo}</p>
          {of.failing_since !== undefined && (
            <p className="dim">
              {t("notice.since")} <Time at={of.failing_since} />
            </p>
          )}
        </Notice>
      )}
      {of.state === "released" && of.failing_since !== undefined && (
        <Notice kind="warn" title={t("notice.retrying", { why: why?.why ?? "" })}>
          {t("notice.since")} <Time at={of.failing_since} />. {of.next_try_at !== undefined && (
            <>
              {t("notice.next_try")} <Time at={of.next_try_at} />.
            </>
          )}
        </Notice>
      )}
      {of.state === "asked" && (
        <Notice kind="info" title={isOwnAsk(of, me.principal) ? t("notice.asked_own") : t("notice.asked", { name: of.released_by_name ?? "" })}>
          {isOwnAsk(of, me.principal) ? t("notice.asked_own_text") : t("notice.asked_text")}
        </Notice>
      )}
      {of.minor && isOpen(of.state) && <Notice kind="warn" title={t("notice.minor")}>{t("notice.minor_text")}</Notice>}
      {of.urgent && isOpen(of.state) && (
        <Notice kind="bad" title={t("notice.urgent")}>
          {t("notice.urgent_text")}
          {summary.data && <Phones phones={summary.data.phones} />}
        </Notice>
      )}
    </>
  );
}

function About({ whole, document }: { whole: ReportWhole; document: ReportDocument }) {
  const { t } = useTranslation("reports");
  const name = useAuthorityName();
  const of = whole.report;
  return (
    <Section title={t("about.title")}>
      <Facts
        rows={[
          [t("column.authority"), name(of.authority)],
          [t("column.environment"), <EnvironmentWord key="environment" environment={of.environment} />],
          [t("column.jurisdiction"), of.jurisdiction],
          [t("column.kind"), t(`kind.${of.kind}`)],
          [t("about.corrects"), of.corrects !== undefined && <Link key="corrects" to={`/reports/${of.corrects}`}>{shortId(of.corrects)}</Link>],
          [t("column.case"), of.case !== undefined && <Link key="case" to={`/cases/${of.case}`}>{shortId(of.case)}</Link>],
          [t("column.account"), of.account !== undefined && <Mono key="account">{of.account}</Mono>],
          [t("about.document"), t("about.version", { number: document.number })],
          [t("about.written_by"), <Who key="by" who={document.by} name={document.by_name} />],
          [t("about.written_at"), <Time key="at" at={document.at} />],
          [t("about.released_by"), of.released_by !== undefined && <Who key="released" who={of.released_by} name={of.released_by_name} />],
          [t("about.approved_by"), of.approved_by !== undefined && <Who key="approved" who={of.approved_by} name={of.approved_by_name} />],
          [t("about.automatic"), of.automatic && t("about.automatic_yes")],
          [t("about.released_at"), of.released_at !== undefined && <Time key="released-at" at={of.released_at} />],
          [t("column.reference"), of.reference !== undefined && <Mono key="reference">{of.reference}</Mono>],
        ]}
      />
    </Section>
  );
}

function Work({ whole, document }: { whole: ReportWhole; document: ReportDocument }) {
  const editor = useEditor(document);
  return (
    <>
      <Acts whole={whole} document={document} editor={editor} />
      <Notices whole={whole} />
      <div className={styles.work}>
        <div className={styles.main}>
          <Document whole={whole} document={document} editor={editor} />
        </div>
        <div className={styles.side}>
          <About whole={whole} document={document} />
          <Receipt whole={whole} />
          <Timeline whole={whole} />
          <Files whole={whole} />
          <Prior whole={whole} />
          <Notes whole={whole} />
        </div>
      </div>
    </>
  );
}

export function ReportPage({ nav }: { nav: ReactNode }) {
  const { t } = useTranslation("reports");
  const { id = "" } = useParams();
  const whole = useReport(id);
  const document = useReportDocument(id);
  const of = whole.data?.report;
  const { refetch } = document;
  // The document is fetched once for each version of its report.
  const version = of?.version;
  const stale = version !== undefined && document.data !== undefined && document.data.version < version;
  useEffect(() => {
    if (stale) {
      void refetch();
    }
  }, [stale, version, refetch]);
  return (
    <Page
      title={t("one", { id: shortId(id) })}
      tools={
        of && (
          <span className={styles.tools}>
            <StateWord of={of} />
            <EnvironmentWord environment={of.environment} />
            <Marks of={of} />
            {isOpen(of.state) && of.due_at !== undefined && (
              <span>
                {t("due")} <Due at={of.due_at} nearMs={6 * 3_600_000} />
              </span>
            )}
          </span>
        )
      }
    >
      {nav}
      <Fetched query={whole}>{(data) => <Fetched query={document}>{(paper) => <Work key={id} whole={data} document={paper} />}</Fetched>}</Fetched>
    </Page>
  );
}
