// What arrived and what came of it, by hour, door, type and reason.
import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Line, StackedBars } from "@/charts";
import { Fetched, Section, Status, Table, useFilters, useFormats, type Column } from "@/ui";
import { HOUR_MS, goodByHour, reasonsOf, slotsOf, talliesBy, talliesByType, type Reason, type Tally } from "./counts";
import styles from "./coverage.module.css";
import { useHours, useSpan, type Span } from "./queries";
import { Rows } from "./Rows";
import { useReasonWord, useTook } from "./words";

type Hours = Schemas["CoverageHours"];

/** How many hours, and how many of them a bar stands for. */
const spans = { "24": 1, "48": 1, "168": 6, "720": 24 } as const;
type SpanName = keyof typeof spans;
const names = Object.keys(spans) as SpanName[];

function useSlotLabel(stepHours: number): (at: number) => string {
  const { i18n } = useTranslation();
  const format = new Intl.DateTimeFormat(
    i18n.language,
    stepHours < 24 ? { weekday: "short", hour: "2-digit", hourCycle: "h23" } : { day: "numeric", month: "short" },
  );
  return (at) => format.format(new Date(at));
}

function ByHour({ data, span, stepHours }: { data: Hours; span: Span; stepHours: number }) {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  const label = useSlotLabel(stepHours);
  const slots = slotsOf(data.items, span.from, span.until, stepHours * HOUR_MS);
  const arrived = slots.reduce((sum, { tally }) => sum + tally.arrived, 0);
  const owed = slots.reduce((sum, { tally }) => sum + tally.owed, 0);
  return (
    <StackedBars
      title={t("scans.title")}
      about={arrived === 0 ? t("scans.none") : t("scans.about", { scans: formats.number(arrived), share: formats.percent((arrived - owed) / arrived) })}
      axis={t("scans.hour")}
      series={[
        { id: "no_match", label: t("scans.no_match") },
        { id: "match", label: t("scans.match") },
        { id: "unscannable", label: t("scans.unscannable") },
        { id: "owed", label: t("scans.owed") },
      ]}
      points={slots.map(({ at, tally: { no_match, match, unscannable, owed: waits } }) => ({
        label: label(at),
        values: { no_match, match, unscannable, owed: waits },
      }))}
    />
  );
}

function Took({ data, span, stepHours }: { data: Hours; span: Span; stepHours: number }) {
  const { t } = useTranslation("coverage");
  const took = useTook();
  const label = useSlotLabel(stepHours);
  const slots = slotsOf(data.items, span.from, span.until, stepHours * HOUR_MS);
  return (
    <Line
      title={t("took.title")}
      about={t("took.about")}
      axis={t("scans.hour")}
      unit={took}
      series={[
        { id: "mean", label: t("took.mean") },
        { id: "most", label: t("took.most") },
      ]}
      points={slots.map(({ at, tally }) => ({ label: label(at), values: { mean: tally.tookMean, most: tally.tookMost } }))}
    />
  );
}

function CanaryHours({ data, span }: { data: Hours; span: Span }) {
  const { t } = useTranslation("coverage");
  const label = useSlotLabel(1);
  const hours = goodByHour(data.canaries, span.from, Math.round((span.until - span.from) / HOUR_MS));
  return (
    <StackedBars
      title={t("canary.by_hour")}
      axis={t("scans.hour")}
      series={[
        { id: "good", label: t("canary.good") },
        { id: "bad", label: t("canary.not_good") },
      ]}
      points={hours.map((hour, at) => ({
        label: label(span.from + at * HOUR_MS),
        values: { good: hour?.good, bad: hour === undefined ? undefined : hour.sent - hour.good },
      }))}
    />
  );
}

function Tallies({ name, title, first, rows, byType }: { name: string; title: string; first: string; rows: readonly Tally[]; byType: boolean }) {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  const took = useTook();
  const count = (id: "arrived" | "no_match" | "match" | "unscannable" | "owed"): Column<Tally> => ({
    id,
    label: t(`column.${id}`),
    cell: (row) => formats.number(row[id]),
    number: true,
    fixed: true,
  });
  const through: Column<Tally> = {
    id: "through",
    label: t("door.let_through"),
    cell: (row) => (row.let_through === 0 ? formats.number(0) : <Status kind="warn">{formats.number(row.let_through)}</Status>),
    number: true,
    fixed: true,
  };
  const columns: Column<Tally>[] = [
    { id: "name", label: first, cell: (row) => (row.name === "" ? t("type.unknown") : row.name), fixed: true },
    ...(byType ? [] : [count("arrived")]),
    count("no_match"),
    count("match"),
    count("unscannable"),
    ...(byType ? [] : [count("owed"), through]),
    { id: "mean", label: t("column.mean"), cell: (row) => took(row.tookMean), number: true, fixed: true },
    { id: "most", label: t("column.most"), cell: (row) => took(row.tookMost), number: true, fixed: true },
  ];
  return (
    <Section title={title}>
      <Table name={name} label={title} columns={columns} rows={rows} rowKey={(row) => row.name} empty={{ title: t("scans.none") }} keys={false} />
    </Section>
  );
}

function Reasons({ rows }: { rows: readonly Reason[] }) {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  const word = useReasonWord();
  const columns: Column<Reason>[] = [
    { id: "reason", label: t("why.reason"), cell: (row) => word(row.reason), fixed: true },
    { id: "items", label: t("why.items"), cell: (row) => formats.number(row.items), number: true, fixed: true },
    { id: "share", label: t("why.share"), cell: (row) => formats.percent(row.share), number: true, fixed: true },
  ];
  return (
    <Section title={t("why.title")}>
      <Rows name="coverage-reasons" part="why" columns={columns} rows={rows} rowKey={(row) => row.reason} />
    </Section>
  );
}

export function Counts() {
  const { t } = useTranslation("coverage");
  const { filters, set } = useFilters(["hours", "door"] as const);
  const hours = names.find((each) => each === filters.hours) ?? "48";
  const stepHours = spans[hours];
  const span = useSpan(Number(hours));
  const query = useHours(span);
  return (
    <Fetched query={query}>
      {(all) => {
        const doors = talliesBy(all.items, ({ door }) => door);
        const door = doors.find(({ name }) => name === filters.door)?.name;
        const ofDoor = <Row extends { door: string }>(rows: readonly Row[]) => (door === undefined ? [...rows] : rows.filter((row) => row.door === door));
        const data = { ...all, items: ofDoor(all.items), canaries: ofDoor(all.canaries) };
        return (
          <>
            <div className="filters">
              <Select
                label={t("span.label")}
                w={160}
                data={names.map((each) => ({ value: each, label: t(`span.${each}`) }))}
                value={hours}
                onChange={(value) => set({ hours: value ?? undefined })}
                allowDeselect={false}
              />
              {doors.length > 1 && (
                <Select
                  label={t("door.name")}
                  w={160}
                  placeholder={t("door.all")}
                  data={doors.map(({ name }) => name)}
                  value={door ?? null}
                  onChange={(value) => set({ door: value ?? undefined })}
                  clearable
                />
              )}
            </div>
            <Section title={t("scans.section")}>
              <div className={styles.charts}>
                <ByHour data={data} span={span} stepHours={stepHours} />
                <Took data={data} span={span} stepHours={stepHours} />
              </div>
            </Section>
            <Tallies name="coverage-by-door" title={t("door.by")} first={t("door.name")} rows={ofDoor(doors.map((each) => ({ ...each, door: each.name })))} byType={false} />
            <Tallies name="coverage-by-type" title={t("type.by")} first={t("type.name")} rows={talliesByType(data.items)} byType />
            <Reasons rows={reasonsOf(data.items)} />
            {stepHours === 1 && (
              <Section title={t("canary.title")}>
                <div className={styles.charts}>
                  <CanaryHours data={data} span={span} />
                </div>
              </Section>
            )}
          </>
        );
      }}
    </Fetched>
  );
}
