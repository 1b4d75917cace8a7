// One notice: what was said, by when they have an answer, what we told them, and what happened.
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router-dom";
import { useMay } from "@/api";
import { Due, Fetched, Page, Section, Status, Time } from "@/ui";
import { Facts, Mono, Who } from "../parts";
import { countryName, languageName } from "../../i18n/names";
import { Acts } from "./Acts";
import styles from "./notices.module.css";
import { useNotice } from "./queries";
import { Reads } from "./Reads";
import { Told } from "./Told";
import { DangerWord, StateWord, VerifiedWord, isWaiting, shortId, useDetailText, useEventText, type NoticeWhole } from "./words";

function Notice({ kind, title, children }: { kind: "warn" | "bad" | "info"; title: ReactNode; children?: ReactNode }) {
  return (
    <div className={styles.notice} data-kind={kind}>
      <Status kind={kind}>
        <b>{title}</b>
      </Status>
      {children !== undefined && <div>{children}</div>}
    </div>
  );
}

/** What must be known before anything is done. */
function Notices({ of }: { of: NoticeWhole }) {
  const { t } = useTranslation("notices");
  const waits = isWaiting(of.state);
  return (
    <>
      {of.imminent && waits && (
        <Notice kind="bad" title={t("danger.title")}>
          {of.taken_by === undefined ? t("danger.untaken") : t("danger.taken")}
        </Notice>
      )}
      {waits && of.escalated_at !== undefined && (
        <Notice kind="warn" title={t("escalated.title")}>
          {of.escalated_to === undefined || of.escalated_to === "" ? t("escalated.nobody") : t("escalated.to", { name: of.escalated_to_name ?? shortId(of.escalated_to) })} <Time at={of.escalated_at} />
        </Notice>
      )}
      {of.verified === "unverified" && waits && <Notice kind="warn" title={t("unverified.title")}>{t("unverified.text")}</Notice>}
      {of.verified === "refused" && <Notice kind="info" title={t("refused.title")}>{t("refused.text")}</Notice>}
      {of.state === "question" && <Notice kind="info" title={t("asked.title")}>{t("asked.text")}</Notice>}
      {of.state === "withdrawn" && <Notice kind="info" title={t("withdrawn.title")}>{t("withdrawn.text")}</Notice>}
      {of.flood !== undefined && of.flood !== "" && (
        <Notice kind="info" title={t("flood.title")}>
          {t("flood.text")} <Link to={`/notices?flood=${encodeURIComponent(of.flood)}`}>{t("flood.open")}</Link>
        </Notice>
      )}
    </>
  );
}

function About({ of }: { of: NoticeWhole }) {
  const { t, i18n } = useTranslation("notices");
  const may = useMay();
  const caseText = of.sorted_at === undefined ? <Status kind="busy">{t("about.unsorted")}</Status> : t("about.no_case");
  return (
    <Section title={t("about.title")}>
      <Facts
        rows={[
          [t("column.kind"), t(`kind.${of.kind}`)],
          [t("column.sender"), t(`sender.${of.sender}`)],
          [t("about.partner"), of.partner !== undefined && (may("partner_read") ? <Link key="partner" to={`/partners/${of.partner}`}>{t("about.to_partner")}</Link> : shortId(of.partner))],
          [t("column.case"), of.case === undefined ? <span key="case">{caseText}</span> : <Link key="case" to={`/cases/${of.case}`}>{shortId(of.case)}</Link>],
          [t("about.same"), of.same_subject > 0 && (of.case === undefined ? String(of.same_subject) : <Link key="same" to={`/notices?case=${of.case}`}>{of.same_subject}</Link>)],
          [t("column.received"), <Time key="received" at={of.received_at} />],
          [t("column.channel"), t(`channel.${of.channel}`)],
          [t("column.language"), languageName(of.language, i18n.language)],
          [t("column.country"), of.country !== undefined && of.country !== "" && countryName(of.country, i18n.language)],
          [t("column.reference"), of.reference !== undefined && <Mono key="reference">{of.reference}</Mono>],
          [t("column.taken"), of.taken_by !== undefined && <Who key="taken" who={of.taken_by} name={of.taken_by_name} />],
          [t("about.contact"), of.has_contact ? t("about.contact_sealed") : t("about.contact_none")],
          [t("about.verified"), of.verified !== "none" && <VerifiedWord key="verified" of={of} />],
          [t("about.verified_by"), of.verified_by !== undefined && <Who key="by" who={of.verified_by} name={of.verified_by_name} />],
          [t("about.proved"), of.channel === "page" && t(of.proved ? "about.proved_yes" : "about.proved_no")],
          [t("about.closed"), of.closed_at !== undefined && <Time key="closed" at={of.closed_at} />],
        ]}
      />
    </Section>
  );
}

/** Facts alone: nothing of a file is loaded here. */
function Files({ of }: { of: NoticeWhole }) {
  const { t } = useTranslation("notices");
  return of.files.length === 0 ? null : (
    <Section title={t("files.title", { count: of.files.length })}>
      <ul className={styles.plain}>
        {of.files.map((id, at) => (
          <li key={id}>
            {t("files.one", { number: at + 1 })} <span className="mono dim">{shortId(id)}</span>
          </li>
        ))}
      </ul>
      <p className="dim">
        {of.case === undefined ? (
          t("files.no_case")
        ) : (
          <>
            {t("files.about")} <Link to={`/cases/${of.case}`}>{t("files.case")}</Link>
          </>
        )}
      </p>
    </Section>
  );
}

function Talk({ of }: { of: NoticeWhole }) {
  const { t } = useTranslation("notices");
  return of.messages.length === 0 ? null : (
    <Section title={t("talk.title")}>
      <ol className={styles.talk}>
        {of.messages.map((each, at) => (
          <li key={at} data-side={each.from_sender ? undefined : "other"}>
            <p className={styles.who}>
              <b>{each.from_sender ? t("talk.sender") : (each.by_name ?? t("talk.us"))}</b>{" "}
              <span className="dim">
                <Time at={each.at} />
              </span>
            </p>
            <p className={styles.typed} lang={of.language} dir="auto">
              {each.text}
            </p>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Given({ of }: { of: NoticeWhole }) {
  const { t } = useTranslation("notices");
  return of.outcome === undefined ? null : (
    <Section title={t("given.title")}>
      <p>
        <b>{t(`outcome.${of.outcome}.name`)}</b>{" "}
        {of.answered_at !== undefined && (
          <span className="dim">
            <Time at={of.answered_at} />
          </span>
        )}
      </p>
      <Reads outcome={of.outcome} language={of.language} added={of.answer ?? ""} />
    </Section>
  );
}

function History({ of }: { of: NoticeWhole }) {
  const { t } = useTranslation("notices");
  const eventText = useEventText();
  const detailText = useDetailText();
  return (
    <Section title={t("history")}>
      <ol className={styles.events} reversed>
        {[...of.events].reverse().map((event) => {
          const detail = detailText(event.detail);
          return (
            <li key={event.number}>
              {eventText(event)}
              {detail !== "" && <>: {detail}</>}
              <div className="dim">
                {event.kind !== "received" && event.by !== "" && (
                  <>
                    <Who who={event.by} name={event.by_name} />{" "}
                  </>
                )}
                <Time at={event.at} />
              </div>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}

export function NoticePage() {
  const { t } = useTranslation("notices");
  const { id = "" } = useParams();
  const query = useNotice(id);
  const of = query.data;
  return (
    <Page
      title={of === undefined ? t("one") : t("one_number", { number: of.number })}
      tools={
        of && (
          <span className={styles.tools}>
            <StateWord state={of.state} />
            <DangerWord of={of} />
            {of.queue !== "imminent" && <span>{t(`queue.${of.queue}`)}</span>}
            {isWaiting(of.state) && (
              <span>
                {t("promise")} <Due at={of.due_at} />
              </span>
            )}
          </span>
        )
      }
    >
      <Fetched query={query}>
        {(whole) => (
          <>
            <Acts key={whole.id} of={whole} />
            <Notices of={whole} />
            <div className={styles.work}>
              <div className={styles.main}>
                <Section title={t("words.title")}>
                  <Told body={whole.body} language={whole.language} />
                </Section>
                <Talk of={whole} />
                <Given of={whole} />
              </div>
              <div className={styles.side}>
                <About of={whole} />
                <Files of={whole} />
                <History of={whole} />
              </div>
            </div>
          </>
        )}
      </Fetched>
    </Page>
  );
}
