// What was reported, when, to whom, and until when that stays on record. No document, no account.
import { Button, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, useMay, type Schemas } from "@/api";
import { Fetched, Page, Table, Time, useFilters, useFormats, usePaging, type Column } from "@/ui";
import { EnvironmentWord, shortId, useAuthorityName } from "./words";

type Entry = Schemas["RegisterEntry"];
const names = ["jurisdiction", "since", "until"] as const;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** A day of the address as a moment; what is none is left out. */
export function dayOf(value: string | undefined, after = 0): string | undefined {
  const at = value !== undefined && DAY.test(value) ? new Date(`${value}T00:00:00Z`) : undefined;
  return at === undefined || Number.isNaN(at.getTime()) ? undefined : new Date(at.getTime() + after).toISOString();
}

const DAY_MS = 24 * 3_600_000;

function useColumns(): readonly Column<Entry>[] {
  const { t } = useTranslation("reports");
  const formats = useFormats();
  const nameOf = useAuthorityName();
  return [
    { id: "reference", label: t("column.reference"), fixed: true, cell: (of) => <span className="mono">{of.reference}</span> },
    { id: "finished", label: t("register.finished"), cell: (of) => formats.absolute(of.finished_at) },
    { id: "authority", label: t("column.authority"), cell: (of) => nameOf(of.authority) },
    { id: "jurisdiction", label: t("column.jurisdiction"), cell: (of) => of.jurisdiction },
    { id: "environment", label: t("column.environment"), last: true, cell: (of) => <EnvironmentWord environment={of.environment} /> },
    { id: "kind", label: t("column.kind"), cell: (of) => t(`kind.${of.kind}`) },
    { id: "files", label: t("register.files"), number: true, cell: (of) => formats.number(of.files) },
    { id: "case", label: t("column.case"), cell: (of) => of.case !== undefined && <span className="mono">{shortId(of.case)}</span> },
    { id: "keep", label: t("register.keep_until"), last: true, cell: (of) => <Time at={of.keep_until} /> },
  ];
}

function Jurisdiction({ value, onGive }: { value: string | undefined; onGive: (value: string) => void }) {
  const { t } = useTranslation("reports");
  const [text, setText] = useState(value ?? "");
  useEffect(() => setText(value ?? ""), [value]);
  const give = () => text.trim() !== (value ?? "") && onGive(text.trim().toUpperCase());
  return (
    <TextInput
      size="xs"
      w={120}
      label={t("column.jurisdiction")}
      placeholder="US"
      maxLength={8}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={give}
      onKeyDown={(event) => event.key === "Enter" && give()}
    />
  );
}

export function Register({ nav }: { nav: ReactNode }) {
  const { t } = useTranslation("reports");
  const may = useMay();
  const { filters, set, clear, any } = useFilters(names);
  const paging = usePaging();
  const columns = useColumns();
  const asked = { jurisdiction: filters.jurisdiction?.slice(0, 8), since: dayOf(filters.since), until: dayOf(filters.until, DAY_MS) };
  const query = useQuery({
    queryKey: ["reports", "register", asked, paging.after],
    queryFn: ({ signal }) => ask(api.GET("/v1/reports/register", { params: { query: { ...asked, after: paging.after } }, signal })),
    placeholderData: keepPreviousData,
  });
  return (
    <Page title={t("register.title")} about={t("register.about")}>
      {nav}
      <div className="filters" role="search" aria-label={t("list.filters")}>
        <Jurisdiction value={filters.jurisdiction} onGive={(jurisdiction) => set({ jurisdiction })} />
        <TextInput size="xs" type="date" label={t("register.since")} value={filters.since ?? ""} onChange={(event) => set({ since: event.currentTarget.value })} />
        <TextInput size="xs" type="date" label={t("register.until")} value={filters.until ?? ""} onChange={(event) => set({ until: event.currentTarget.value })} />
        {any && (
          <Button variant="default" onClick={clear}>
            {t("list.clear")}
          </Button>
        )}
      </div>
      <Fetched query={query}>
        {(page) => (
          <Table
            name="report-register"
            label={t("register.title")}
            columns={columns}
            rows={page.items}
            rowKey={(of) => of.id}
            {...(may("report_read") ? { href: (of: Entry) => `/reports/${of.id}` } : {})}
            empty={{ title: t("register.none"), text: t("register.none_text") }}
            paging={paging}
            next={page.next}
          />
        )}
      </Fetched>
    </Page>
  );
}
