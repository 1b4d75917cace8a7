// On the page of a case: what people told us about it. Where the case has nothing to view, their words are
// what is decided about, and stand there whole.
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { Due, Fetched, Status, Time } from "@/ui";
import styles from "./notices.module.css";
import { useCaseNotices, useNotice } from "./queries";
import { Told } from "./Told";
import { DangerWord, StateWord, isWaiting, type Notice } from "./words";

function Line({ of }: { of: Notice }) {
  const { t } = useTranslation("notices");
  return (
    <div>
      <Link to={`/notices/${of.id}`} className="mono">
        {of.number}
      </Link>{" "}
      <DangerWord of={of} /> {isWaiting(of.state) ? <Due at={of.due_at} /> : <StateWord state={of.state} />}
      <div className="dim">
        {t(`kind.${of.kind}`)}, {t(`sender.${of.sender}`)}, <Time at={of.received_at} />
      </div>
    </div>
  );
}

function Whole({ of }: { of: Notice }) {
  const query = useNotice(of.id);
  return (
    <article className={styles.one}>
      <Line of={of} />
      <Fetched query={query}>{({ body, language }) => <Told body={body} language={language} />}</Fetched>
    </article>
  );
}

export default function CaseNotices({ id, whole = false }: { id: string; whole?: boolean }) {
  const { t } = useTranslation("notices");
  const query = useCaseNotices(id);
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.data !== undefined && items.length === 0) {
    return null;
  }
  return (
    <section className={styles.ofCase} aria-label={t("of_case.title")}>
      <h2>{t("of_case.title")}</h2>
      <Fetched query={query}>
        {() => (
          <>
            {items.map((of) => (whole ? <Whole key={of.id} of={of} /> : <Line key={of.id} of={of} />))}
            {query.hasNextPage && (
              <Button variant="default" size="compact-sm" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {t("of_case.more")}
              </Button>
            )}
          </>
        )}
      </Fetched>
      {whole && items.length > 0 && <Status kind="info">{t("of_case.words")}</Status>}
    </section>
  );
}
