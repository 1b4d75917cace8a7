// Legal holds: while one stands, nothing of it is destroyed.
import { TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { api, ask, type Schemas } from "@/api";
import { Due, Fetched, Table, Time, notify, type Column } from "@/ui";
import { Ask, Row, Who, useNames } from "../parts";
import { shortOf } from "./words";

type Hold = Schemas["Hold"];

const REFERENCE_MAX = 400;
const CASE = /^[A-Za-z0-9._-]{1,64}$/;
const NEAR_MS = 14 * 24 * 3600 * 1000;

export function Holds() {
  const { t } = useTranslation("evidence");
  const nameOf = useNames();
  const client = useQueryClient();
  const [of, setOf] = useState("");
  const [review, setReview] = useState("");
  const query = useQuery<Schemas["HoldList"]>({
    queryKey: ["holds"],
    queryFn: ({ signal }) => ask(api.GET("/v1/holds", { params: { query: { limit: 200 } }, signal })),
  });
  const changed = () => {
    void client.invalidateQueries({ queryKey: ["holds"] });
    void client.invalidateQueries({ queryKey: ["evidence"] });
  };
  const columns: Column<Hold>[] = [
    { id: "reference", label: t("basis.reference"), cell: (row) => row.reference, fixed: true },
    {
      id: "of",
      label: t("holds.of"),
      cell: (row) =>
        row.evidence_id === undefined ? (
          <Link to={`/cases/${row.case ?? ""}`}>{t("holds.case", { id: shortOf(row.case ?? "") })}</Link>
        ) : (
          <Link to={`/evidence/objects/${row.evidence_id}`}>{t("holds.object", { id: shortOf(row.evidence_id) })}</Link>
        ),
      fixed: true,
    },
    { id: "owner", label: t("holds.owner"), cell: (row) => <Who who={row.owner} name={nameOf(row.owner)} /> },
    { id: "set", label: t("holds.set"), cell: (row) => <Time at={row.set_at} /> },
    {
      id: "review",
      label: t("holds.review"),
      cell: (row) => (row.review === undefined ? "" : <Due at={row.review} nearMs={NEAR_MS} />),
    },
    { id: "late", label: t("holds.late"), cell: (row) => (row.too_late === 0 ? "" : String(row.too_late)), number: true, hidden: true },
    {
      id: "release",
      label: t("holds.end"),
      cell: (row) => (
        <Ask
          label={t("holds.release")}
          title={t("holds.release_title")}
          consequence={t("holds.release_text")}
          field={t("holds.why")}
          longest={REFERENCE_MAX}
          danger
          run={async (reference) => {
            await ask(api.POST("/v1/holds/{id}/release", { params: { path: { id: row.id } }, body: { reference } }));
            notify({ kind: "ok", text: t("holds.released") });
            changed();
          }}
        />
      ),
      fixed: true,
    },
  ];
  return (
    <>
      <Row>
        <Ask
          label={t("holds.new")}
          title={t("holds.new_title")}
          consequence={t("ask.hold_text")}
          field={t("basis.reference")}
          longest={REFERENCE_MAX}
          extra={
            <>
              <TextInput label={t("holds.which")} value={of} maxLength={64} onChange={(event) => setOf(event.currentTarget.value)} />
              <TextInput type="date" label={t("holds.review")} value={review} onChange={(event) => setReview(event.currentTarget.value)} />
            </>
          }
          ready={CASE.test(of.trim())}
          run={async (reference) => {
            await ask(api.POST("/v1/holds", { body: { case: of.trim(), reference, ...(review === "" ? {} : { review }) } }));
            notify({ kind: "ok", text: t("ask.hold_done") });
            changed();
          }}
        />
      </Row>
      <Fetched query={query}>
        {(list) => (
          <Table
            name="holds"
            label={t("holds.title")}
            columns={columns}
            rows={list.items}
            rowKey={(row) => row.id}
            empty={{ title: t("holds.empty.title"), text: t("holds.empty.text") }}
          />
        )}
      </Fetched>
    </>
  );
}
