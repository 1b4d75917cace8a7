// One case: facts, view, history, decision. At 1280 x 720 all of it is on one screen.
import { Button } from "@mantine/core";
import { Suspense, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router-dom";
import { api, ask, useMay, useMe, type Me } from "@/api";
import { Paused } from "@/casework/Paused";
import { useUndoKey } from "@/casework/undo";
import { shortId, useEventText, useVerdictText, useWho, type CaseWhole } from "@/casework/words";
import { Empty, Fetched, Page, Status, Time, useShortcut } from "@/ui";
import { withTexts } from "../../i18n";
import { useNow } from "../../i18n/now";
import styles from "./case.module.css";
import { Decide } from "./Decide";
import { Facts, Items } from "./Facts";
import { Head } from "./Head";
import { History, Verdict } from "./History";
import { View } from "./View";

const CaseNotices = withTexts(["notices"], () => import("../notices/CaseNotices"));
const POLL_MS = 20_000;

/** Why this person cannot decide now; undefined: they can. */
function useWhyNot(whole: CaseWhole, me: Me): string | undefined {
  const { t } = useTranslation("case");
  const may = useMay();
  const now = useNow(1000);
  const of = whole.case;
  const isSolo = me.role === "solo";
  const own = whole.decisions.some((each) => each.who === me.principal && each.undone_at === undefined);
  if (!may("case_decide")) {
    return t("why_not.role");
  }
  if (of.state === "closed") {
    return t("why_not.closed");
  }
  if (of.state === "decided") {
    return t("why_not.decided");
  }
  if (of.state === "appealed") {
    return t("why_not.appealed");
  }
  if (of.queue === "legal" && me.role !== "legal" && !isSolo) {
    return t("why_not.legal");
  }
  if (of.state === "disagreement" && !may("case_lead")) {
    return t("why_not.disagreement");
  }
  if (own && !isSolo && of.queue !== "legal") {
    return t("why_not.own");
  }
  const held = of.lock !== undefined && new Date(of.lock.until).getTime() > now;
  if (!held) {
    return t("why_not.not_locked");
  }
  return of.lock?.mine === true ? undefined : t("why_not.locked", { name: of.lock?.name ?? "" });
}

/** What happened since one began to write, where the server refused for it. */
function Changed({ whole, since, me, onSeen }: { whole: CaseWhole; since: number; me: Me; onSeen: () => void }) {
  const { t } = useTranslation("case");
  const eventText = useEventText();
  const who = useWho();
  const events = whole.events.filter((each) => each.number > since && each.who !== me.principal);
  return (
    <div className={styles.notice} role="alert">
      <Status kind="warn">{t("changed.title")}</Status> {t("changed.text")}{" "}
      <Button size="compact-sm" variant="default" onClick={onSeen}>
        {t("changed.seen")}
      </Button>
      <ul>
        {events.map((event) => (
          <li key={event.number}>
            {eventText(event)} <span className="dim">{who(event.who, event.name)}, <Time at={event.at} /></span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Notices({ whole }: { whole: CaseWhole }) {
  const { t } = useTranslation("case");
  const may = useMay();
  const verdict = useVerdictText();
  const of = whole.case;
  const live = whole.decisions.filter((each) => each.undone_at === undefined);
  return (
    <>
      {of.state === "second_look" && <p className={styles.notice}>{t("notice.second_look")}</p>}
      {of.queue === "legal" && <p className={styles.notice}>{t("notice.legal")}</p>}
      {of.state === "decided" && of.undo_until !== undefined && (
        <p className={styles.notice}>
          {t("notice.decided", { verdict: verdict(of) })} <Time at={of.undo_until} />.
        </p>
      )}
      {of.state === "disagreement" && may("case_lead") && (
        <div className={styles.notice}>
          <Status kind="warn">{t("notice.disagreement")}</Status>
          <div className={styles.sides}>
            {live.map((decision) => (
              <Verdict key={decision.id} decision={decision} />
            ))}
          </div>
        </div>
      )}
    </>
  );
}

function Work({ whole }: { whole: CaseWhole }) {
  const { t } = useTranslation("case");
  const me = useMe();
  const told = useMay()("notice_read");
  const why = useWhyNot(whole, me);
  const [at, choose] = useState(0);
  const [since] = useState(() => Math.max(0, ...whole.events.map((each) => each.number)));
  const [changed, setChanged] = useState(false);
  const { items } = whole;
  const item = items[Math.min(at, items.length - 1)];
  const several = items.length > 1;
  const move = (step: number) => choose((before) => Math.min(items.length - 1, Math.max(0, before + step)));
  useShortcut("ArrowDown", t("items.next"), () => move(1), { enabled: several });
  useShortcut("ArrowUp", t("items.before"), () => move(-1), { enabled: several });
  const aboutPerson = whole.case.queue === "legal" && whole.decisions.some((each) => each.undone_at === undefined);
  return (
    <>
      <Paused />
      <Notices whole={whole} />
      {changed && <Changed whole={whole} since={since} me={me} onSeen={() => setChanged(false)} />}
      <div className={styles.work}>
        <section className={styles.column} aria-label={t("facts_label")} tabIndex={-1}>
          {several && <Items items={items} chosen={at} onChoose={choose} />}
          <Facts whole={whole} item={item} />
          {told && item !== undefined && (
            <Suspense fallback={null}>
              <CaseNotices id={whole.case.id} />
            </Suspense>
          )}
        </section>
        {item ? (
          <View key={item.content_id} caseId={whole.case.id} item={item} number={at + 1} of={items.length} />
        ) : (
          <section className={styles.view}>
            <Empty title={t("items.none")}>{t("items.none_text")}</Empty>
            {told && (
              <Suspense fallback={null}>
                <CaseNotices id={whole.case.id} whole />
              </Suspense>
            )}
          </section>
        )}
        <section className={styles.column} aria-label={t("history.label")}>
          <History whole={whole} />
        </section>
      </div>
      <Decide whole={whole} why={why} aboutPerson={aboutPerson} onChanged={() => setChanged(true)} />
    </>
  );
}

export default function CasePage() {
  const { t } = useTranslation("case");
  const { id = "" } = useParams();
  useUndoKey();
  const query = useQuery({
    queryKey: ["cases", id],
    queryFn: ({ signal }) => ask(api.GET("/v1/cases/{id}", { params: { path: { id } }, signal })),
    refetchInterval: POLL_MS,
  });
  return (
    <Page title={t("title", { id: shortId(id) })} fill tools={query.data && <Head whole={query.data} />}>
      <Fetched query={query}>{(whole) => <Work key={whole.case.id} whole={whole} />}</Fetched>
    </Page>
  );
}
