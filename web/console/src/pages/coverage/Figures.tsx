// Figures over time, in pairs: views per case never without overturns, speed never without appeals
// upheld (safeguards 15). Nobody is named.
import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Bars, Line, StackedBars } from "@/charts";
import { Fetched, Section, useFilters, useFormats } from "@/ui";
import { Note } from "../parts";
import styles from "../parts/parts.module.css";
import { pairsOf } from "./figures";
import { useStats } from "./queries";

type Stats = Schemas["ReviewStats"];

const spans = ["7", "14", "30", "90"] as const;

function Queues({ ages }: { ages: Stats["queue_ages"] }) {
  const { t } = useTranslation("coverage");
  return (
    <StackedBars
      title={t("ages.title")}
      about={t("ages.about")}
      axis={t("ages.queue")}
      series={[
        { id: "under_hour", label: t("ages.under_hour") },
        { id: "under_day", label: t("ages.under_day") },
        { id: "under_week", label: t("ages.under_week") },
        { id: "older", label: t("ages.older") },
      ]}
      points={ages.map(({ queue, ...counts }) => ({ label: t(`queue.${queue}`), values: counts }))}
    />
  );
}

function Pairs({ days }: { days: Stats["days"] }) {
  const { t, i18n } = useTranslation("coverage");
  const formats = useFormats();
  const date = new Intl.DateTimeFormat(i18n.language, { day: "numeric", month: "short", timeZone: "UTC" });
  const pairs = pairsOf(days).map((pair) => ({ ...pair, label: date.format(new Date(`${pair.day}T00:00:00Z`)) }));
  return (
    <>
      <Section title={t("pairs.views")}>
        <div className={styles.chart}>
          <Line
            title={t("pairs.per_case")}
            axis={t("pairs.day")}
            series={[{ id: "views", label: t("pairs.per_case") }]}
            points={pairs.map(({ label, views }) => ({ label, values: { views } }))}
          />
          <Line
            title={t("pairs.overturned")}
            axis={t("pairs.day")}
            unit={(share) => formats.percent(share)}
            series={[
              { id: "overturned", label: t("pairs.overturned") },
              { id: "wrong", label: t("pairs.wrong") },
            ]}
            points={pairs.map(({ label, overturned, wrong }) => ({ label, values: { overturned, wrong } }))}
          />
        </div>
        <Note>{t("pairs.views_note")}</Note>
      </Section>
      <Section title={t("pairs.speed")}>
        <div className={styles.chart}>
          <Bars
            title={t("pairs.decided")}
            axis={t("pairs.day")}
            series={[{ id: "decided", label: t("pairs.decided") }]}
            points={pairs.map(({ label, decided }) => ({ label, values: { decided } }))}
          />
          <Bars
            title={t("pairs.upheld")}
            axis={t("pairs.day")}
            series={[{ id: "upheld", label: t("pairs.upheld") }]}
            points={pairs.map(({ label, upheld }) => ({ label, values: { upheld } }))}
          />
        </div>
        <Note>{t("pairs.speed_note")}</Note>
      </Section>
    </>
  );
}

export function Figures() {
  const { t } = useTranslation("coverage");
  const { filters, set } = useFilters(["days"] as const);
  const days = spans.find((each) => each === filters.days) ?? "14";
  const query = useStats(days);
  return (
    <Fetched query={query}>
      {(stats) => (
        <>
          <Section title={t("ages.section")}>
            <div className={styles.chart}>
              <Queues ages={stats.queue_ages} />
            </div>
          </Section>
          <div className="filters">
            <Select
              label={t("pairs.span")}
              w={160}
              data={spans.map((each) => ({ value: each, label: t("pairs.days", { count: Number(each) }) }))}
              value={days}
              onChange={(value) => set({ days: value ?? undefined })}
            />
          </div>
          <Pairs days={stats.days} />
        </>
      )}
    </Fetched>
  );
}
