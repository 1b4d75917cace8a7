// What waits for a decision: by queue, with its age; what is locked by oneself; and the cases of one
// queue, those that need no view for many decisions at once.
import { Button, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { api, ask, type ApiError, type Schemas } from "@/api";
import { Paused } from "@/casework/Paused";
import { useCaseColumns } from "@/casework/table";
import { useTakeNext } from "@/casework/take";
import { UndoNote } from "@/casework/UndoNote";
import { useUndoKey } from "@/casework/undo";
import { queues, shortId, type Case, type Queue } from "@/casework/words";
import { Due, Fetched, Keys, Page, Section, Table, Time, notify, useFilters, useFormats, usePaging, useProblemText, useShortcut, type Column } from "@/ui";
import { Bulk } from "./Bulk";
import styles from "./queue.module.css";

const POLL_MS = 10_000;
const PAGE = 50;

function Queues({ counts, chosen }: { counts: readonly Schemas["QueueCount"][]; chosen: Queue }) {
  const { t } = useTranslation(["queue", "case"]);
  const formats = useFormats();
  const take = useTakeNext();
  const columns: readonly Column<Schemas["QueueCount"]>[] = [
    {
      id: "queue",
      label: t("queue:title"),
      fixed: true,
      cell: (count) => t(`case:queue.${count.queue}`),
    },
    { id: "waiting", label: t("queue:waiting"), number: true, fixed: true, last: true, cell: (count) => formats.number(count.waiting) },
    { id: "locked", label: t("queue:locked"), number: true, fixed: true, cell: (count) => formats.number(count.locked) },
    { id: "overdue", label: t("queue:overdue"), number: true, fixed: true, cell: (count) => formats.number(count.overdue) },
    { id: "oldest", label: t("queue:oldest"), fixed: true, cell: (count) => count.oldest_at !== undefined && <Time at={count.oldest_at} /> },
    {
      id: "take",
      label: t("queue:next"),
      fixed: true,
      last: true,
      cell: (count) => (
        <Button
          variant="default"
          aria-label={t("queue:take_of", { queue: t(`case:queue.${count.queue}`) })}
          disabled={count.waiting === 0}
          loading={take.isPending}
          onClick={() => take.mutate(count.queue)}
        >
          {t("queue:take")}
        </Button>
      ),
    },
  ];
  return (
    <Table
      name="queues"
      label={t("queue:queues")}
      columns={columns}
      rows={counts}
      rowKey={(count) => count.queue}
      href={(count) => `/queue?queue=${count.queue}`}
      isCurrent={(count) => count.queue === chosen}
      empty={{ title: t("queue:empty.title"), text: t("queue:empty.text") }}
      keys={false}
    />
  );
}

function MyCase({ of }: { of: Case }) {
  const { t } = useTranslation("queue");
  const client = useQueryClient();
  const problemText = useProblemText();
  const release = useMutation<Case, ApiError>({
    mutationFn: () => ask(api.DELETE("/v1/cases/{id}/lock", { params: { path: { id: of.id } } })),
    onError: (error) => notify({ kind: "bad", text: problemText(error) }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["cases"] });
      void client.invalidateQueries({ queryKey: ["queues"] });
    },
  });
  return (
    <li>
      <Link to={`/cases/${of.id}`}>{t("go_on", { id: shortId(of.id) })}</Link>
      {of.lock && (
        <span>
          {t("mine_until")} <Due at={of.lock.until} nearMs={3 * 60_000} />
        </span>
      )}
      <Button variant="default" loading={release.isPending} onClick={() => release.mutate()}>
        {t("let_go")}
      </Button>
    </li>
  );
}

function Waiting({ queue }: { queue: Queue }) {
  const { t } = useTranslation(["queue", "case"]);
  const { filters, set } = useFilters(["needs_view"] as const);
  const paging = usePaging();
  const columns = useCaseColumns();
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const without = filters.needs_view === "false";
  const query = useQuery({
    queryKey: ["cases", "waiting", queue, filters.needs_view, paging.after],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/v1/cases", {
          params: {
            query: {
              queue,
              waiting: true,
              sort: "rank",
              limit: PAGE,
              ...(filters.needs_view === undefined ? {} : { needs_view: filters.needs_view === "true" }),
              ...(paging.after === undefined ? {} : { after: paging.after }),
            },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  });
  return (
    <Section title={t("queue:cases", { queue: t(`case:queue.${queue}`) })}>
      <div className="page">
        <div className={styles.line}>
          <SegmentedControl
            size="xs"
            aria-label={t("queue:filter.label")}
            value={filters.needs_view ?? ""}
            onChange={(value) => {
              choose(new Set());
              set({ needs_view: value });
            }}
            data={[
              { value: "", label: t("queue:filter.all") },
              { value: "false", label: t("queue:filter.without") },
              { value: "true", label: t("queue:filter.with") },
            ]}
          />
          {without && <span className="dim">{t("queue:bulk.hint")}</span>}
          {queue === "self_reported" && <span className="dim">{t("queue:apart")}</span>}
        </div>
        <Fetched query={query}>
          {(page) => {
            const rows = page.items;
            return (
              <Table
                name="queue"
                label={t("case:list.label")}
                columns={columns}
                rows={rows}
                rowKey={(of) => of.id}
                href={(of) => `/cases/${of.id}`}
                empty={{ title: t("queue:empty.title"), text: t("queue:empty.text") }}
                paging={paging}
                next={page.next}
                {...(without
                  ? {
                      selection: { chosen, change: choose, labelOf: (of: Case) => t("queue:bulk.select", { id: shortId(of.id) }) },
                      tools: <Bulk cases={rows.filter((of) => chosen.has(of.id))} onDone={() => choose(new Set())} />,
                    }
                  : {})}
              />
            );
          }}
        </Fetched>
      </div>
    </Section>
  );
}

export default function QueuePage() {
  const { t } = useTranslation("queue");
  const { filters } = useFilters(["queue"] as const);
  const take = useTakeNext();
  useUndoKey();
  useShortcut("n", t("take"), () => take.mutate(undefined), { enabled: !take.isPending });
  const counts = useQuery({
    queryKey: ["queues"],
    queryFn: ({ signal }) => ask(api.GET("/v1/queues", { signal })),
    refetchInterval: POLL_MS,
  });
  const mine = useQuery({
    queryKey: ["cases", "mine"],
    queryFn: ({ signal }) => ask(api.GET("/v1/cases", { params: { query: { mine: true, limit: 20 } }, signal })),
    refetchInterval: POLL_MS,
  });
  const ordered = queues.flatMap((queue) => (counts.data?.items ?? []).filter((each) => each.queue === queue));
  const chosen =
    queues.find((each) => each === filters.queue) ?? ordered.find((each) => each.waiting > 0)?.queue ?? "standard";
  return (
    <Page
      title={t("title")}
      tools={
        <>
          <UndoNote />
          <Button loading={take.isPending} onClick={() => take.mutate(undefined)}>
            {t("take")}&nbsp;
            <Keys keys="n" />
          </Button>
        </>
      }
    >
      <Paused />
      {mine.data !== undefined && mine.data.items.length > 0 && (
        <Section title={t("mine")}>
          <ul className={styles.mine}>
            {mine.data.items.map((of) => (
              <MyCase key={of.id} of={of} />
            ))}
          </ul>
        </Section>
      )}
      <Fetched query={counts}>{() => <Queues counts={ordered} chosen={chosen} />}</Fetched>
      {counts.data !== undefined && <Waiting key={chosen} queue={chosen} />}
    </Page>
  );
}
