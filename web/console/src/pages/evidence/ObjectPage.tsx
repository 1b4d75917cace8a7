// One object: what it is kept for and until when, who looked at it, and what can be asked for.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router-dom";
import { api, ask, useMay, type Schemas } from "@/api";
import { Due, Fetched, Page, Section, Status, Table, Time, useFormats, type Column, type StatusKind } from "@/ui";
import { Facts, Mono, Stack, Who, useNames } from "../parts";
import { Asks } from "./Asks";
import { ObjectState, shortOf } from "./words";

type Detail = Schemas["EvidenceDetail"];
type Basis = Schemas["Basis"];
type View = Schemas["View"];

const NEAR_MS = 14 * 24 * 3600 * 1000;
const grades = ["outline", "mosaic", "grey_blurred", "grey_small", "full", "original"] as const;
const purposes = ["review", "quality", "appeal", "report", "legal_request", "safety"] as const;
const viewedKinds: Record<Schemas["ViewedWord"], StatusKind> = { no: "ok", partly: "info", yes: "info" };

function Bases({ bases }: { bases: readonly Basis[] }) {
  const { t } = useTranslation("evidence");
  const nameOf = useNames();
  const columns: Column<Basis>[] = [
    { id: "kind", label: t("basis.kind"), cell: (row) => t(`basis.${row.kind}`), fixed: true },
    { id: "end", label: t("column.end"), cell: (row) => <Due at={row.end} nearMs={NEAR_MS} />, fixed: true },
    { id: "start", label: t("basis.start"), cell: (row) => <Time at={row.start} />, fixed: true },
    { id: "reference", label: t("basis.reference"), cell: (row) => row.reference, fixed: true },
    { id: "by", label: t("basis.by"), cell: (row) => <Who who={row.set_by} name={nameOf(row.set_by)} />, fixed: true },
  ];
  return (
    <Table
      name="bases"
      label={t("basis.title")}
      columns={columns}
      rows={bases}
      rowKey={(row) => String(row.id)}
      empty={{ title: t("basis.empty.title"), text: t("basis.empty.text") }}
      keys={false}
    />
  );
}

function Views({ views }: { views: readonly View[] }) {
  const { t } = useTranslation("evidence");
  const nameOf = useNames();
  const columns: Column<View>[] = [
    { id: "who", label: t("view.who"), cell: (row) => <Who who={row.person} name={nameOf(row.person)} />, fixed: true },
    {
      id: "grade",
      label: t("view.grade"),
      cell: (row) => {
        const grade = grades.find((each) => each === row.grade);
        return grade === undefined ? row.grade : t(`grade.${grade}`);
      },
      fixed: true,
    },
    {
      id: "purpose",
      label: t("view.purpose"),
      cell: (row) => {
        const purpose = purposes.find((each) => each === row.purpose);
        return purpose === undefined ? row.purpose : t(`purpose.${purpose}`);
      },
      fixed: true,
    },
    { id: "at", label: t("view.at"), cell: (row) => <Time at={row.at} />, fixed: true },
  ];
  return (
    <Table
      name="views"
      label={t("view.title")}
      columns={columns}
      rows={views}
      rowKey={(row) => `${row.at} ${row.person} ${row.grade}`}
      empty={{ title: t("view.empty.title"), text: t("view.empty.text") }}
      keys={false}
    />
  );
}

function Viewed({ id }: { id: string }) {
  const { t } = useTranslation("evidence");
  const query = useQuery<Schemas["Viewed"]>({
    queryKey: ["evidence", id, "viewed"],
    queryFn: ({ signal }) => ask(api.GET("/v1/evidence/{id}/viewed", { params: { path: { id } }, signal })),
  });
  return (
    <Fetched query={query}>
      {({ viewed }) => <Status kind={viewedKinds[viewed]}>{t(`viewed.${viewed}`)}</Status>}
    </Fetched>
  );
}

export function ObjectPage({ nav }: { nav: ReactNode }) {
  const { t } = useTranslation("evidence");
  const formats = useFormats();
  const may = useMay();
  const { id = "" } = useParams();
  const query = useQuery<Detail>({
    queryKey: ["evidence", id],
    queryFn: ({ signal }) => ask(api.GET("/v1/evidence/{id}", { params: { path: { id } }, signal })),
  });
  return (
    <Page title={t("object.title", { id: shortOf(id) })}>
      {nav}
      <Fetched query={query}>
        {(object) => (
          <>
            <div className="columns">
              <Section title={t("object.what")}>
                <Facts
                  rows={[
                    [t("column.state"), <ObjectState key="state" state={object.state} />],
                    [t("column.end"), object.due !== undefined && <Due key="due" at={object.due} nearMs={NEAR_MS} />],
                    [t("object.holds"), object.holds === 0 ? t("object.no_holds") : t("object.some_holds", { count: object.holds })],
                    [t("column.type"), object.media_type],
                    [t("column.size"), formats.bytes(object.size_bytes)],
                    [t("column.sealed"), <Time key="sealed" at={object.sealed_at} />],
                    [
                      t("column.case"),
                      may("case_read") ? (
                        <Link key="case" to={`/cases/${object.case}`}>
                          {object.case}
                        </Link>
                      ) : (
                        <Mono key="case">{object.case}</Mono>
                      ),
                    ],
                    [t("object.id"), <Mono key="id">{object.id}</Mono>],
                    [t("object.certificate"), object.certificate !== undefined && <Mono key="certificate">{object.certificate}</Mono>],
                  ]}
                />
              </Section>
              <Asks object={object} />
            </div>
            <Section title={t("basis.title")}>
              <Bases bases={object.bases} />
            </Section>
            <Section title={t("view.title")}>
              <Stack>
                <Viewed id={object.id} />
                <Views views={object.views} />
              </Stack>
            </Section>
          </>
        )}
      </Fetched>
    </Page>
  );
}
