// What people asked for and another person answers: what waits first.
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask, useMe, type Schemas } from "@/api";
import { Due, Fetched, Table, Time, useFilters, type Column } from "@/ui";
import { Who, useNames } from "../parts";
import { RequestState, obstacleOf, shortOf, type Request } from "./words";

export function Requests() {
  const { t } = useTranslation("evidence");
  const me = useMe();
  const nameOf = useNames();
  const { filters, set } = useFilters(["show"] as const);
  const all = filters.show === "all";
  const query = useQuery<Schemas["RequestList"]>({
    queryKey: ["requests", all ? "all" : "waiting"],
    queryFn: ({ signal }) =>
      ask(api.GET("/v1/requests", { params: { query: { limit: 200, ...(all ? {} : { waiting: "true" as const }) } }, signal })),
    refetchInterval: 15_000,
  });
  const columns: Column<Request>[] = [
    { id: "kind", label: t("requests.kind"), cell: (row) => t(`request.kind.${row.kind}`), fixed: true },
    {
      id: "you",
      label: t("requests.you"),
      cell: (row) => {
        const obstacle = obstacleOf(row, me, Date.now());
        return obstacle === undefined ? <b>{t("requests.for_you")}</b> : obstacle === "decided" ? "" : t(`obstacle.${obstacle}`);
      },
      fixed: true,
    },
    { id: "state", label: t("column.state"), cell: (row) => <RequestState state={row.state} /> },
    { id: "by", label: t("requests.by"), cell: (row) => <Who who={row.asked_by} name={nameOf(row.asked_by)} /> },
    { id: "at", label: t("requests.at"), cell: (row) => <Time at={row.asked_at} /> },
    {
      id: "expires",
      label: t("requests.expires"),
      cell: (row) => (row.state === "waiting" || row.state === "approved" ? <Due at={row.expires_at} /> : ""),
    },
    { id: "case", label: t("column.case"), cell: (row) => <span className="mono" title={row.case}>{shortOf(row.case)}</span> },
  ];
  return (
    <>
      <div className="filters">
        <Select
          label={t("requests.show")}
          w={220}
          data={[
            { value: "waiting", label: t("requests.waiting") },
            { value: "all", label: t("requests.all") },
          ]}
          value={all ? "all" : "waiting"}
          onChange={(value) => set({ show: value === "all" ? "all" : undefined })}
        />
      </div>
      <Fetched query={query}>
        {(list) => (
          <Table
            name="requests"
            label={t("requests.title")}
            columns={columns}
            rows={list.items}
            rowKey={(row) => row.id}
            href={(row) => `/evidence/requests/${row.id}`}
            empty={{ title: t("requests.empty.title"), text: t("requests.empty.text") }}
          />
        )}
      </Fetched>
    </>
  );
}
