// All that waits, by its promise; how much waits in each queue; what one source sent in masses, as one
// line each. With filters, page by page.
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useNoticeQueues, type Schemas } from "@/api";
import { Due, Failure, Fetched, Keys, Page, Section, Status, Table, Time, useFilters, useFormats, usePaging, useShortcut, type Column } from "@/ui";
import { countryName, languageName } from "../../i18n/names";
import { Stack } from "../parts";
import { names, queryOf, type Filters } from "./filters";
import { Paste } from "./Paste";
import { noticesQuery, useNotices } from "./queries";
import { DangerWord, StateWord, VerifiedWord, byPromise, isWaiting, kinds, queues, shortId, states, type Notice, type NoticeQueue } from "./words";

const TODO_LIMIT = 50;

function useColumns(): readonly Column<Notice>[] {
  const { t, i18n } = useTranslation("notices");
  return [
    { id: "number", label: t("column.number"), fixed: true, cell: (of) => <span className="mono nowrap">{of.number}</span> },
    {
      id: "kind",
      label: t("column.kind"),
      last: true,
      cell: (of) => (
        <>
          <DangerWord of={of} /> {t(`kind.${of.kind}`)} <VerifiedWord of={of} />
        </>
      ),
    },
    { id: "sender", label: t("column.sender"), cell: (of) => <span className="nowrap">{t(`sender.${of.sender}`)}</span> },
    { id: "queue", label: t("column.queue"), cell: (of) => <span className="nowrap">{t(`queue.${of.queue}`)}</span> },
    { id: "due", label: t("column.due"), last: true, cell: (of) => (isWaiting(of.state) ? <Due at={of.due_at} /> : "") },
    { id: "state", label: t("column.state"), last: true, cell: (of) => <span className="nowrap"><StateWord state={of.state} /></span> },
    { id: "taken", label: t("column.taken"), cell: (of) => (of.taken_by === undefined ? "" : <Status kind="busy">{of.taken_by_name ?? shortId(of.taken_by)}</Status>) },
    { id: "received", label: t("column.received"), cell: (of) => <Time at={of.received_at} /> },
    { id: "case", label: t("column.case"), cell: (of) => (of.case === undefined ? "" : <span className="mono">{shortId(of.case)}</span>) },
    { id: "channel", label: t("column.channel"), hidden: true, cell: (of) => <span className="nowrap">{t(`channel.${of.channel}`)}</span> },
    { id: "language", label: t("column.language"), hidden: true, cell: (of) => languageName(of.language, i18n.language) },
    { id: "country", label: t("column.country"), hidden: true, cell: (of) => (of.country === undefined || of.country === "" ? "" : countryName(of.country, i18n.language)) },
    { id: "reference", label: t("column.reference"), hidden: true, cell: (of) => of.reference ?? "" },
    { id: "outcome", label: t("column.outcome"), hidden: true, cell: (of) => (of.outcome === undefined ? "" : t(`outcome.${of.outcome}.name`)) },
  ];
}

function Filtered({ filters }: { filters: Filters }) {
  const { t } = useTranslation("notices");
  const paging = usePaging();
  const columns = useColumns();
  const query = useNotices({ ...queryOf(filters), after: paging.after });
  return (
    <>
      {filters.flood !== undefined && <p className="dim">{t("list.of_flood")}</p>}
      <Fetched query={query}>
        {(page) => (
          <Table
            name="notices"
            label={t("list.label")}
            columns={columns}
            rows={page.items}
            rowKey={(of) => of.id}
            href={(of) => `/notices/${of.id}`}
            empty={{ title: t("list.none"), text: t("list.none_text") }}
            paging={paging}
            next={page.next}
          />
        )}
      </Fetched>
    </>
  );
}

/** The first of each queue where something waits; of masses only their lines below. */
function ToDo({ counted }: { counted: readonly Schemas["NoticeQueueCount"][] }) {
  const { t } = useTranslation("notices");
  const columns = useColumns();
  const waiting = counted.filter((each) => each.queue !== "flood" && each.waiting > 0).map(({ queue }) => queue);
  const parts = useQueries({ queries: waiting.map((queue: NoticeQueue) => noticesQuery({ queue, waiting: true, limit: TODO_LIMIT })) });
  const failed = parts.find((each) => each.isError);
  const isThere = parts.every((each) => each.data !== undefined);
  return (
    <>
      <h2>{t("list.todo")}</h2>
      {failed && <Failure error={failed.error} of="reading" onRetry={() => parts.forEach((each) => void each.refetch())} />}
      {isThere && (
        <Table
          name="notices"
          label={t("list.todo")}
          columns={columns}
          rows={byPromise(parts.flatMap((each) => each.data.items))}
          rowKey={(of) => of.id}
          href={(of) => `/notices/${of.id}`}
          empty={{ title: t("list.nothing"), text: t("list.nothing_text") }}
        />
      )}
      {parts.some((each) => each.data?.next !== undefined) && <p className="dim">{t("list.more", { count: TODO_LIMIT })}</p>}
    </>
  );
}

function Queues({ rows }: { rows: readonly Schemas["NoticeQueueCount"][] }) {
  const { t } = useTranslation("notices");
  const formats = useFormats();
  const count = (value: number, kind?: "warn" | "bad") => (value > 0 && kind !== undefined ? <Status kind={kind}>{formats.number(value)}</Status> : formats.number(value));
  const columns: readonly Column<Schemas["NoticeQueueCount"]>[] = [
    { id: "queue", label: t("column.queue"), fixed: true, cell: (row) => <span className="nowrap">{t(`queue.${row.queue}`)}</span> },
    { id: "waiting", label: t("queues.waiting"), fixed: true, number: true, last: true, cell: (row) => formats.number(row.waiting) },
    { id: "taken", label: t("queues.taken"), fixed: true, number: true, cell: (row) => formats.number(row.taken) },
    { id: "soon", label: t("queues.due_soon"), fixed: true, number: true, cell: (row) => count(row.due_soon, "warn") },
    { id: "overdue", label: t("queues.overdue"), fixed: true, number: true, last: true, cell: (row) => count(row.overdue, "bad") },
    { id: "oldest", label: t("queues.oldest"), fixed: true, cell: (row) => (row.waiting > 0 && row.oldest_at !== undefined ? <Time at={row.oldest_at} /> : "") },
    { id: "next", label: t("queues.next"), fixed: true, cell: (row) => (row.waiting > 0 && row.next_due_at !== undefined ? <Due at={row.next_due_at} /> : "") },
  ];
  return (
    <Section title={t("queues.title")}>
      <Table
        name="notice-queues"
        label={t("queues.title")}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.queue}
        href={(row) => `/notices?queue=${row.queue}&waiting=true`}
        empty={{ title: t("list.nothing") }}
        keys={false}
      />
    </Section>
  );
}

function Floods({ rows }: { rows: readonly Schemas["NoticeFlood"][] }) {
  const { t } = useTranslation("notices");
  const formats = useFormats();
  const columns: readonly Column<Schemas["NoticeFlood"]>[] = [
    { id: "source", label: t("floods.source"), fixed: true, cell: (row) => t("floods.one", { id: shortId(row.key) }) },
    { id: "count", label: t("floods.count"), fixed: true, number: true, last: true, cell: (row) => formats.number(row.notices) },
    {
      id: "danger",
      label: t("floods.danger"),
      fixed: true,
      cell: (row) => (row.imminent === 0 ? null : <Status kind="bad">{t("floods.danger_count", { count: row.imminent })}</Status>),
    },
    { id: "first", label: t("floods.first"), fixed: true, cell: (row) => <Time at={row.first_at} /> },
    { id: "last", label: t("floods.last"), fixed: true, cell: (row) => <Time at={row.last_at} /> },
  ];
  return rows.length === 0 ? null : (
    <Section title={t("floods.title")}>
      <Stack>
        <p className="dim">{t("floods.about")}</p>
        <Table
          name="notice-floods"
          label={t("floods.title")}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.key}
          href={(row) => `/notices?flood=${encodeURIComponent(row.key)}`}
          empty={{ title: "" }}
          keys={false}
        />
      </Stack>
    </Section>
  );
}

function Numbered({ value, onGive }: { value: string | undefined; onGive: (value: string) => void }) {
  const { t } = useTranslation("notices");
  const [text, setText] = useState(value ?? "");
  useEffect(() => setText(value ?? ""), [value]);
  const give = () => text.trim() !== (value ?? "") && onGive(text.trim().toUpperCase());
  return (
    <TextInput
      size="xs"
      w={180}
      label={t("column.number")}
      maxLength={64}
      autoComplete="off"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={give}
      onKeyDown={(event) => event.key === "Enter" && give()}
    />
  );
}

export function List() {
  const { t } = useTranslation("notices");
  const may = useMay();
  const { filters, set, clear, any } = useFilters(names);
  const counts = useNoticeQueues();
  const [pasting, paste] = useState(false);
  const answers = may("notice_answer");
  useShortcut("n", t("paste.button"), () => paste(true), { enabled: answers });
  const anyOf = { value: "", label: t("list.any") };
  return (
    <Page
      title={t("title")}
      about={t("about_room")}
      tools={
        answers && (
          <Button variant="default" onClick={() => paste(true)}>
            {t("paste.button")}&nbsp;
            <Keys keys="n" />
          </Button>
        )
      }
    >
      <div className="filters" role="search" aria-label={t("list.filters")}>
        <NativeSelect
          size="xs"
          label={t("column.queue")}
          value={filters.queue ?? ""}
          onChange={(event) => set({ queue: event.currentTarget.value })}
          data={[anyOf, ...queues.map((each) => ({ value: each, label: t(`queue.${each}`) }))]}
        />
        <NativeSelect
          size="xs"
          label={t("column.state")}
          value={filters.waiting === "true" ? "waiting" : (filters.state ?? "")}
          onChange={(event) => {
            const { value } = event.currentTarget;
            set({ state: value === "waiting" ? "" : value, waiting: value === "waiting" ? "true" : "" });
          }}
          data={[anyOf, { value: "waiting", label: t("list.waiting") }, ...states.map((each) => ({ value: each, label: t(`state.${each}`) }))]}
        />
        <NativeSelect
          size="xs"
          label={t("column.kind")}
          value={filters.kind ?? ""}
          onChange={(event) => set({ kind: event.currentTarget.value })}
          data={[anyOf, ...kinds.map((each) => ({ value: each, label: t(`kind.${each}`) }))]}
        />
        <Numbered value={filters.number} onGive={(number) => set({ number })} />
        {any && (
          <Button variant="default" onClick={clear}>
            {t("list.clear")}
          </Button>
        )}
      </div>
      {any ? (
        <Filtered filters={filters} />
      ) : (
        <Fetched query={counts}>
          {(data) => (
            <>
              <ToDo counted={data.queues} />
              <Floods rows={data.floods} />
              <Queues rows={data.queues} />
            </>
          )}
        </Fetched>
      )}
      {pasting && <Paste onClose={() => paste(false)} />}
    </Page>
  );
}
