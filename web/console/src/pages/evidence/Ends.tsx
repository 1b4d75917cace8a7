// Objects by the end of what they are kept for.
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api";
import { Due, Fetched, Table, useFilters, type Column } from "@/ui";
import { ObjectState, shortOf, states } from "./words";

type Preserved = Schemas["Preserved"];

const NEAR_MS = 14 * 24 * 3600 * 1000;

export function Ends() {
  const { t } = useTranslation("evidence");
  const { filters, set } = useFilters(["state"] as const);
  const state = states.find((each) => each === filters.state) ?? "due";
  const query = useQuery<Schemas["PreservedList"]>({
    queryKey: ["evidence", "ends", state],
    queryFn: ({ signal }) => ask(api.GET("/v1/preservation", { params: { query: { state, limit: 200 } }, signal })),
  });
  const columns: Column<Preserved>[] = [
    { id: "id", label: t("column.object"), cell: (row) => <span className="mono" title={row.id}>{shortOf(row.id)}</span>, fixed: true },
    { id: "state", label: t("column.state"), cell: (row) => <ObjectState state={row.state} /> },
    {
      id: "due",
      label: t("column.end"),
      cell: (row) => (row.due === undefined ? "" : <Due at={row.due} nearMs={NEAR_MS} />),
      fixed: true,
    },
    { id: "case", label: t("column.case"), cell: (row) => <span className="mono" title={row.case}>{shortOf(row.case)}</span> },
  ];
  return (
    <>
      <div className="filters">
        <Select
          label={t("column.state")}
          w={260}
          data={states.map((each) => ({ value: each, label: t(`state.${each}`) }))}
          value={state}
          onChange={(value) => set({ state: value ?? undefined })}
        />
      </div>
      <Fetched query={query}>
        {(list) => (
          <Table
            name="ends"
            label={t("ends.title")}
            columns={columns}
            rows={list.items}
            rowKey={(row) => row.id}
            href={(row) => `/evidence/objects/${row.id}`}
            empty={{ title: t("none.title"), text: t(`ends.empty_${state}`) }}
          />
        )}
      </Fetched>
    </>
  );
}
