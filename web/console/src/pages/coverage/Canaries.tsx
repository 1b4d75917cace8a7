// Canaries by door and format: how the last one fared, and the last 48 hours at a glance.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Section, Status, Time, useFormats, type Column, type StatusKind } from "@/ui";
import { Note, Stack } from "../parts";
import { goodByHour, honest, shareGood, type Good } from "./counts";
import styles from "./coverage.module.css";
import { useHours, useSpan } from "./queries";
import { Rows } from "./Rows";
import { useTook } from "./words";

type Line = Schemas["CanaryLine"];

const HOURS = 48;
const kinds: Record<Line["last"], StatusKind> = {
  none: "off",
  good: "ok",
  missed: "bad",
  unanswered: "bad",
  refused: "warn",
  mistaken: "bad",
};

const BAR = 4;
const HIGH = 16;
const GOOD = 10;

/** A bar an hour: low where all were good, high and red where some were not, a dot where none was sent. */
function Hours({ hours, label }: { hours: readonly (Good | undefined)[]; label: string }) {
  return (
    <svg className={styles.hours} viewBox={`0 0 ${HOURS * BAR} ${HIGH}`} role="img" aria-label={label}>
      {hours.map((hour, at) => {
        if (!hour) {
          return <rect key={at} x={at * BAR} y={HIGH - 2} width={BAR - 1} height={2} fill="var(--edge)" />;
        }
        return hour.good === hour.sent ? (
          <rect key={at} x={at * BAR} y={HIGH - GOOD} width={BAR - 1} height={GOOD} fill="var(--ok)" />
        ) : (
          <rect key={at} x={at * BAR - 0.5} y={0} width={BAR} height={HIGH} fill="var(--bad)" />
        );
      })}
    </svg>
  );
}

interface Row {
  line: Line;
  hours: (Good | undefined)[];
  share: number | undefined;
}

function useColumns(): Column<Row>[] {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  const took = useTook();
  const share = (row: Row) => (row.share === undefined ? t("canary.unmeasured") : formats.percent(honest(row.share)));
  const label = ({ line, hours }: Row) =>
    t("canary.chart", {
      name: `${line.door}, ${line.format}`,
      bad: hours.filter((hour) => hour && hour.good < hour.sent).length,
      none: hours.filter((hour) => hour === undefined).length,
    });
  return [
    { id: "format", label: t("canary.name"), cell: ({ line }) => `${line.door}, ${line.format}`, fixed: true },
    { id: "last", label: t("canary.last"), cell: ({ line }) => <Status kind={kinds[line.last]}>{t(`canary.${line.last}`)}</Status>, fixed: true, last: true },
    {
      id: "good",
      label: t("canary.last_good"),
      cell: ({ line }) => (line.last_good_at === undefined ? t("never") : <Time at={line.last_good_at} />),
      fixed: true,
    },
    {
      id: "took",
      label: t("canary.took"),
      cell: ({ line }) => took(line.took_ms),
      number: true,
      fixed: true,
    },
    { id: "share", label: t("canary.share"), cell: share, number: true, fixed: true },
    { id: "chart", label: t("canary.hours"), cell: (row) => <Hours hours={row.hours} label={label(row)} />, fixed: true },
  ];
}

export function Canaries({ lines }: { lines: readonly Line[] }) {
  const { t } = useTranslation("coverage");
  const span = useSpan(HOURS);
  const { data, isError } = useHours(span);
  const columns = useColumns();
  const rows = lines.map((line) => {
    const own = (data?.canaries ?? []).filter(({ door, format }) => door === line.door && format === line.format);
    const hours = goodByHour(own, span.from, HOURS);
    return { line, hours, share: shareGood(hours) };
  });
  return (
    <Section title={t("canary.title")}>
      <Stack>
        <Rows name="coverage-canaries" part="canary" columns={columns} rows={rows} rowKey={({ line }) => `${line.door}/${line.format}`} />
        {isError && <Status kind="warn">{t("canary.no_hours")}</Status>}
        <Note>{t("canary.note")}</Note>
      </Stack>
    </Section>
  );
}
