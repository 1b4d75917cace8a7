// Entries by time, person, action, object and result. Asking is an entry of its own: it is asked when
// somebody presses the button, never by itself.
import { Button, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { api, ask, type Schemas } from "@/api";
import { Fetched, Status, Table, Time, useFilters, useFormats, usePaging, type Column } from "@/ui";
import { Note, Row, Who, saveText, toCsv, useNames } from "../parts";

type AuditEntry = Schemas["AuditEntry"];

const names = ["since", "until", "who", "action", "object", "result"] as const;
type Name = (typeof names)[number];

const LIMIT = 100;
const widths: Record<Name, number> = { since: 140, until: 140, who: 176, action: 132, object: 176, result: 112 };

/** Questions that are asked often, by how their actions begin. */
const presets = [
  { id: "viewed", action: "evidence.view" },
  { id: "originals", action: "evidence.break_glass" },
  { id: "decisions", action: "case.decide" },
  { id: "people", action: "person." },
  { id: "lists", action: "list." },
  { id: "requests", action: "request." },
] as const;

function Presets({ action }: { action: string | undefined }) {
  const { t } = useTranslation("audit");
  return (
    <nav aria-label={t("preset.label")}>
      <Row>
        {presets.map((preset) => (
          <Link
            key={preset.id}
            to={`/audit?action=${preset.action}`}
            aria-current={action === preset.action ? "true" : undefined}
          >
            {t(`preset.${preset.id}`)}
          </Link>
        ))}
        <Link to="/audit?result=refused">{t("preset.refused")}</Link>
      </Row>
    </nav>
  );
}

function Filters() {
  const { t } = useTranslation("audit");
  const { filters, set, clear, any } = useFilters(names);
  const [draft, setDraft] = useState(filters);
  useEffect(() => setDraft(filters), [filters]);
  const search = (event: FormEvent) => {
    event.preventDefault();
    set(Object.fromEntries(names.map((name) => [name, draft[name]?.trim()])) as Partial<Record<Name, string>>);
  };
  return (
    <form className="filters" onSubmit={search} role="search" aria-label={t("filter.label")}>
      {names.map((name) => (
        <TextInput
          key={name}
          label={t(`filter.${name}`)}
          type={name === "since" || name === "until" ? "date" : "text"}
          placeholder={name === "since" || name === "until" ? undefined : t(`example.${name}`)}
          w={widths[name]}
          maxLength={128}
          value={draft[name] ?? ""}
          onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
        />
      ))}
      <Button type="submit">{t("filter.search")}</Button>
      {any && (
        <Button variant="default" onClick={clear}>
          {t("filter.clear")}
        </Button>
      )}
    </form>
  );
}

export function Result({ result }: { result: string }) {
  const { t } = useTranslation("audit");
  if (result === "ok") {
    return <Status kind="ok">{t("result.ok")}</Status>;
  }
  // Others are words of their own ("kept", "match"), neither good nor bad.
  return result === "refused" ? <Status kind="warn">{t("result.refused")}</Status> : <span>{result}</span>;
}

function useColumns(): Column<AuditEntry>[] {
  const { t } = useTranslation(["audit", "common"]);
  const nameOf = useNames();
  return [
    { id: "index", label: t("column.index"), cell: (row) => row.index, number: true, fixed: true },
    { id: "at", label: t("column.at"), cell: (row) => <Time at={row.at} />, fixed: true },
    { id: "who", label: t("column.who"), cell: (row) => <Who who={row.who} name={row.name ?? nameOf(row.who)} /> },
    { id: "role", label: t("column.role"), cell: (row) => row.role },
    { id: "action", label: t("column.action"), cell: (row) => <span className="mono">{row.action}</span>, fixed: true },
    {
      id: "object",
      label: t("column.object"),
      cell: (row) => (
        <span className="mono nowrap" title={row.object}>
          {row.object.length > 28 ? `${row.object.slice(0, row.object.indexOf(":") + 1)}\u2026${row.object.slice(-8)}` : row.object}
        </span>
      ),
    },
    { id: "purpose", label: t("column.purpose"), cell: (row) => row.purpose },
    { id: "result", label: t("column.result"), cell: (row) => <Result result={row.result} /> },
  ];
}

export function Search() {
  const { t } = useTranslation("audit");
  const formats = useFormats();
  const { filters, any } = useFilters(names);
  const paging = usePaging();
  const nameOf = useNames();
  const columns = useColumns();
  const query = useQuery<Schemas["AuditPage"]>({
    queryKey: ["audit", "entries", filters, paging.after],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/v1/audit/entries", {
          params: { query: { ...filters, limit: LIMIT, ...(paging.after === undefined ? {} : { after: Number(paging.after) }) } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const save = (rows: readonly AuditEntry[]) =>
    saveText(
      "audit.csv",
      "text/csv;charset=utf-8",
      toCsv(
        ["index", "time", "who", "name", "role", "action", "object", "purpose", "result"],
        rows.map((row) => [
          String(row.index),
          row.at,
          row.who,
          row.name ?? nameOf(row.who) ?? "",
          row.role,
          row.action,
          row.object,
          row.purpose,
          row.result,
        ]),
      ),
    );
  return (
    <>
      <Presets action={filters.action} />
      <Filters />
      <Fetched query={query}>
        {(page) => (
          <Table
            name="audit"
            label={t("title")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => String(row.index)}
            href={(row) => `/audit/entry/${row.index}`}
            empty={any ? { title: t("none.title"), text: t("none.text") } : { title: t("empty.title"), text: t("empty.text") }}
            paging={paging}
            next={page.next === undefined ? undefined : String(page.next)}
            tools={
              <>
                <Button variant="default" onClick={() => void query.refetch()} loading={query.isFetching}>
                  {t("again")}
                </Button>
                {page.items.length > 0 && (
                  <Button variant="default" onClick={() => save(page.items)}>
                    {t("csv", { count: page.items.length, rows: formats.number(page.items.length) })}
                  </Button>
                )}
              </>
            }
          />
        )}
      </Fetched>
      <Note>{t("asking")}</Note>
    </>
  );
}
