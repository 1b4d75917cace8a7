// Objects of all cases, or of one.
import { Button, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, useMe, type Schemas } from "@/api";
import { Empty, Fetched, Table, Time, useFilters, useFormats, usePaging, type Column } from "@/ui";
import { Note } from "../parts";
import { ObjectState, shortOf } from "./words";

type Evidence = Schemas["Evidence"];

const REFERENCE = /^[A-Za-z0-9._-]{0,64}$/;

export function Objects() {
  const { t } = useTranslation("evidence");
  const formats = useFormats();
  const me = useMe();
  const paging = usePaging();
  const { filters, set } = useFilters(["case"] as const);
  const [draft, setDraft] = useState(filters.case ?? "");
  useEffect(() => setDraft(filters.case ?? ""), [filters.case]);
  const nameless = me.assigned_only && filters.case === undefined;
  const query = useQuery<Schemas["EvidencePage"]>({
    queryKey: ["evidence", "page", filters.case, paging.after],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/v1/evidence", {
          params: {
            query: {
              ...(filters.case === undefined ? {} : { case: filters.case }),
              ...(paging.after === undefined ? {} : { after: paging.after }),
            },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    enabled: !nameless,
  });
  const columns: Column<Evidence>[] = [
    { id: "id", label: t("column.object"), cell: (row) => <span className="mono" title={row.id}>{shortOf(row.id)}</span>, fixed: true },
    { id: "state", label: t("column.state"), cell: (row) => <ObjectState state={row.state} />, fixed: true },
    { id: "type", label: t("column.type"), cell: (row) => row.media_type },
    { id: "size", label: t("column.size"), cell: (row) => formats.bytes(row.size_bytes), number: true },
    { id: "sealed", label: t("column.sealed"), cell: (row) => <Time at={row.sealed_at} /> },
    { id: "case", label: t("column.case"), cell: (row) => <span className="mono" title={row.case}>{shortOf(row.case)}</span> },
  ];
  const search = (event: FormEvent) => {
    event.preventDefault();
    set({ case: draft.trim() });
  };
  return (
    <>
      <form className="filters" onSubmit={search} role="search" aria-label={t("filter.label")}>
        <TextInput
          label={t("filter.case")}
          w={340}
          value={draft}
          maxLength={64}
          error={REFERENCE.test(draft.trim()) ? undefined : t("filter.wrong")}
          onChange={(event) => setDraft(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!REFERENCE.test(draft.trim())}>
          {t("filter.show")}
        </Button>
        {filters.case !== undefined && !me.assigned_only && (
          <Button variant="default" onClick={() => set({ case: undefined })}>
            {t("filter.all")}
          </Button>
        )}
      </form>
      {nameless ? (
        <Empty title={t("assigned.title")}>{t("assigned.text")}</Empty>
      ) : (
        <Fetched query={query}>
          {(page) => (
            <Table
              name="evidence"
              label={t("title")}
              columns={columns}
              rows={page.items}
              rowKey={(row) => row.id}
              href={(row) => `/evidence/objects/${row.id}`}
              empty={
                filters.case === undefined
                  ? { title: t("empty.title"), text: t("empty.text") }
                  : { title: t("none.title"), text: t("none.text") }
              }
              paging={paging}
              next={page.next}
            />
          )}
        </Fetched>
      )}
      <Note>{t("no_pixels")}</Note>
    </>
  );
}
