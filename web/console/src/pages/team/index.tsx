// For leads: load and age of work, samples, disagreements. People by name and by nothing else.
import { Button, Select } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask, useMay, type ApiError, type Schemas } from "@/api";
import { useCaseColumns } from "@/casework/table";
import { queues, shortId, useVerdictText, type Case } from "@/casework/words";
import { StackedBars } from "@/charts";
import { Failure, Fetched, Page, Section, Status, Table, Time, notify, useFormats, type Column, type StatusKind } from "@/ui";

const levels: Record<Schemas["Level"], StatusKind> = {
  rested: "ok",
  steady: "ok",
  near_limit: "warn",
  break: "info",
  cool_down: "info",
  done: "warn",
  days_off: "off",
};

/** By name, whatever order they came in: never by a figure. */
export function byName<Row extends { name: string }>(rows: readonly Row[], language: string): Row[] {
  return [...rows].sort((left, right) => left.name.localeCompare(right.name, language));
}

function Load() {
  const { t, i18n } = useTranslation(["team", "common"]);
  const formats = useFormats();
  const query = useQuery({
    queryKey: ["exposure", "team"],
    queryFn: ({ signal }) => ask(api.GET("/v1/exposure/team", { signal })),
    refetchInterval: 30_000,
  });
  const roles = ["reviewer", "contractor", "lead", "legal", "auditor", "operator", "admin", "solo", "service"] as const;
  const columns: readonly Column<Schemas["PersonLoad"]>[] = [
    { id: "name", label: t("team:person"), fixed: true, cell: (row) => row.name },
    {
      id: "role",
      label: t("team:role"),
      cell: (row) => {
        const role = roles.find((each) => each === row.role);
        return role === undefined ? row.role : t(`common:role.${role}`);
      },
    },
    { id: "level", label: t("team:level"), cell: (row) => <span className="nowrap"><Status kind={levels[row.level]}>{t(`common:level.${row.level}`)}</Status></span> },
    { id: "percent", label: t("team:percent"), number: true, cell: (row) => t("team:about_percent", { percent: formats.percent(row.percent / 100) }) },
    { id: "again", label: t("team:again"), cell: (row) => row.views_again_at !== undefined && <Time at={row.views_again_at} /> },
  ];
  return (
    <Section title={t("team:load")}>
      <Fetched query={query}>
        {(load) => (
          <Table
            name="load"
            label={t("team:table", { title: t("team:load") })}
            columns={columns}
            rows={byName(load.items, i18n.language)}
            rowKey={(row) => row.person}
            empty={{ title: t("team:empty.title"), text: t("team:empty.text") }}
            keys={false}
          />
        )}
      </Fetched>
    </Section>
  );
}

function Ages() {
  const { t } = useTranslation(["team", "case"]);
  const query = useQuery({
    queryKey: ["stats", "review", "team"],
    queryFn: ({ signal }) => ask(api.GET("/v1/stats/review", { params: { query: { days: 1 } }, signal })),
  });
  const series = (["under_hour", "under_day", "under_week", "older"] as const).map((id) => ({ id, label: t(`team:age.${id}`) }));
  return (
    <Section title={t("team:ages")}>
      <Fetched query={query}>
        {({ queue_ages }) => (
          <StackedBars
            title={t("team:ages")}
            axis={t("team:axis")}
            series={series}
            points={queues.flatMap((queue) =>
              queue_ages
                .filter((each) => each.queue === queue)
                .map(({ under_hour, under_day, under_week, older }) => ({
                  label: t(`case:queue.${queue}`),
                  values: { under_hour, under_day, under_week, older },
                })),
            )}
          />
        )}
      </Fetched>
    </Section>
  );
}

function Disagreements() {
  const { t } = useTranslation("team");
  const columns = useCaseColumns();
  const query = useQuery({
    queryKey: ["cases", "disagreements"],
    queryFn: ({ signal }) => ask(api.GET("/v1/cases", { params: { query: { state: "disagreement", sort: "due", limit: 50 } }, signal })),
  });
  return (
    <Section title={t("disagreements")}>
      <Fetched query={query}>
        {(page) => (
          <Table
            name="disagreements"
            label={t("table", { title: t("disagreements") })}
            columns={columns.filter((column) => ["case", "origin", "items", "opened", "due", "lock"].includes(column.id))}
            rows={page.items}
            rowKey={(of) => of.id}
            href={(of) => `/cases/${of.id}`}
            empty={{ title: t("disagreements_empty.title"), text: t("disagreements_empty.text") }}
          />
        )}
      </Fetched>
    </Section>
  );
}

function Quality() {
  const { t, i18n } = useTranslation("team");
  const formats = useFormats();
  const query = useQuery({
    queryKey: ["quality"],
    queryFn: ({ signal }) => ask(api.GET("/v1/quality", { signal })),
  });
  const columns: readonly Column<Schemas["QualityCount"]>[] = [
    { id: "name", label: t("person"), fixed: true, cell: (row) => row.name },
    { id: "answered", label: t("answered"), fixed: true, number: true, cell: (row) => formats.number(row.answered) },
    { id: "right", label: t("right"), fixed: true, number: true, cell: (row) => formats.number(row.right) },
  ];
  return (
    <Section title={t("quality")}>
      <div className="page">
        <p className="page-about">{t("quality_about")}</p>
        <Fetched query={query}>
          {(quality) => (
            <Table
              name="quality"
              label={t("table", { title: t("quality") })}
              columns={columns}
              rows={byName(quality.items, i18n.language)}
              rowKey={(row) => row.person}
              empty={{ title: t("quality_empty.title"), text: t("quality_empty.text") }}
              keys={false}
            />
          )}
        </Fetched>
      </div>
    </Section>
  );
}

function MakeSample() {
  const { t } = useTranslation("team");
  const client = useQueryClient();
  const verdict = useVerdictText();
  const [id, choose] = useState<string | null>(null);
  const closed = useQuery({
    queryKey: ["cases", "closed"],
    queryFn: ({ signal }) => ask(api.GET("/v1/cases", { params: { query: { state: "closed", sort: "newest", limit: 100 } }, signal })),
  });
  const make = useMutation<Case, ApiError, string>({
    mutationFn: (of) => ask(api.POST("/v1/samples", { body: { case: of } })),
    onSuccess: () => {
      choose(null);
      notify({ kind: "ok", text: t("made") });
      void client.invalidateQueries({ queryKey: ["queues"] });
      void client.invalidateQueries({ queryKey: ["overview"] });
    },
  });
  const options = (closed.data?.items ?? [])
    .filter((of) => of.origin !== "sample")
    .map((of) => ({ value: of.id, label: t("make_option", { id: shortId(of.id), verdict: verdict(of), count: of.items }) }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (id !== null) {
      make.mutate(id);
    }
  };
  return (
    <Section title={t("make")}>
      <form className="page" onSubmit={submit}>
        <p className="page-about">{t("make_about")}</p>
        <div className="filters">
          <Select size="xs" w={320} label={t("make_case")} placeholder={t("make_choose")} searchable clearable data={options} value={id} onChange={choose} />
          <Button type="submit" variant="default" disabled={id === null} loading={make.isPending}>
            {t("make")}
          </Button>
        </div>
        {make.error && <Failure error={make.error} />}
      </form>
    </Section>
  );
}

export default function TeamPage() {
  const { t } = useTranslation("team");
  const may = useMay();
  return (
    <Page title={t("title")} about={t("about")}>
      <Load />
      {may("case_lead") && <Disagreements />}
      <div className="columns">
        {may("stats_read") && <Ages />}
        {may("case_lead") && <MakeSample />}
      </div>
      {may("case_lead") && <Quality />}
    </Page>
  );
}
