// Originals that were opened at once, for danger to life: each waits until another person has looked
// at why.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { api, ask, useMay, useMe, type Schemas } from "@/api";
import { ConfirmButton, Failure, Fetched, Table, Time, notify, type Column } from "@/ui";
import { Who, useNames } from "../parts";
import { shortOf } from "./words";

type Glass = Schemas["BreakGlass"];

export function BreakGlass() {
  const { t } = useTranslation("evidence");
  const me = useMe();
  const may = useMay();
  const nameOf = useNames();
  const client = useQueryClient();
  const query = useQuery<Schemas["BreakGlassList"]>({
    queryKey: ["break-glass"],
    queryFn: ({ signal }) => ask(api.GET("/v1/break-glass", { params: { query: { limit: 200 } }, signal })),
  });
  const close = useMutation<unknown, Error, Glass>({
    mutationFn: (row) => ask(api.POST("/v1/break-glass/{id}/close", { params: { path: { id: row.id } }, body: {} })),
    onSuccess: () => notify({ kind: "ok", text: t("glass.done") }),
    onSettled: () => client.invalidateQueries({ queryKey: ["break-glass"] }),
  });
  const answer = (row: Glass) => {
    if (row.person === me.principal) {
      return <span className="dim">{t("glass.own")}</span>;
    }
    if (!may("evidence_approve")) {
      return <span className="dim">{t("obstacle.role")}</span>;
    }
    return (
      <ConfirmButton
        label={t("glass.close")}
        title={t("glass.sure")}
        consequence={t("glass.text", { reason: row.reason })}
        busy={close.isPending}
        onConfirm={() => close.mutate(row)}
      />
    );
  };
  const columns: Column<Glass>[] = [
    {
      id: "object",
      label: t("column.object"),
      cell: (row) => (
        <Link to={`/evidence/objects/${row.evidence_id}`} className="mono" title={row.evidence_id}>
          {shortOf(row.evidence_id)}
        </Link>
      ),
      fixed: true,
    },
    { id: "who", label: t("glass.who"), cell: (row) => <Who who={row.person} name={nameOf(row.person)} />, fixed: true },
    { id: "reason", label: t("ask.reason"), cell: (row) => row.reason, fixed: true },
    { id: "at", label: t("glass.at"), cell: (row) => <Time at={row.at} /> },
    { id: "case", label: t("column.case"), cell: (row) => <span className="mono" title={row.case}>{shortOf(row.case)}</span> },
    { id: "answer", label: t("glass.answer"), cell: answer, fixed: true },
  ];
  return (
    <>
      {close.error && <Failure error={close.error} />}
      <Fetched query={query}>
        {(list) => (
          <Table
            name="break-glass"
            label={t("glass.title")}
            columns={columns}
            rows={list.items}
            rowKey={(row) => row.id}
            empty={{ title: t("glass.empty.title"), text: t("glass.empty.text") }}
          />
        )}
      </Fetched>
    </>
  );
}
