// Matches of each list, door and type against what is usual at this hour of the week.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Bars } from "@/charts";
import { useMay } from "@/api";
import { Fetched, Section, Status, Time, useFormats, type Column, type StatusKind } from "@/ui";
import { Note, Stack } from "../parts";
import { orderOfBands } from "./alarms";
import styles from "./coverage.module.css";
import { ratesOf } from "./figures";
import { useBands, useStats } from "./queries";
import { Rows } from "./Rows";

type Band = Schemas["Band"];

const kinds: Record<Band["state"], StatusKind> = { within: "ok", low: "warn", high: "warn", zero: "bad", unknown: "off" };
const WIDE = 160;
const MID = 8;

/** A box for what is usual, a line for what is. */
function Mark({ band, label }: { band: Band; label: string }) {
  const { low, high, matches } = band;
  if (low === undefined || high === undefined) {
    return null;
  }
  const most = Math.max(high, matches, 1) * 1.1;
  const x = (value: number) => 2 + (value / most) * (WIDE - 4);
  return (
    <svg className={styles.band} viewBox={`0 0 ${WIDE} ${2 * MID}`} role="img" aria-label={label}>
      <line x1="0" x2={WIDE} y1={MID} y2={MID} stroke="var(--edge)" />
      <rect x={x(low)} y={MID - 5} width={Math.max(2, x(high) - x(low))} height="10" fill="var(--accent-ground)" stroke="var(--accent)" />
      <rect x={x(matches) - 1.5} y="0" width="3" height={2 * MID} fill={`var(--${band.state === "within" ? "text" : "bad"})`} />
    </svg>
  );
}

function useColumns(): Column<Band>[] {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  const short = (value: number) => formats.number(value, { maximumFractionDigits: 1 });
  const usual = ({ low, high }: Band) =>
    low === undefined || high === undefined ? t("band.no_band") : t("band.range", { low: short(low), high: short(high) });
  return [
    { id: "list", label: t("list.name"), cell: (row) => row.list, fixed: true },
    { id: "state", label: t("band.state"), cell: (row) => <Status kind={kinds[row.state]}>{t(`band.${row.state}`)}</Status>, fixed: true, last: true },
    { id: "door", label: t("door.name"), cell: (row) => row.door, fixed: true },
    { id: "type", label: t("type.name"), cell: (row) => (row.media_type === "" ? t("type.unknown") : row.media_type), fixed: true },
    { id: "items", label: t("band.items"), cell: (row) => formats.number(row.items), number: true, fixed: true },
    { id: "matches", label: t("band.matches"), cell: (row) => formats.number(row.matches), number: true, fixed: true },
    { id: "usual", label: t("band.usual"), cell: usual, number: true, fixed: true },
    {
      id: "mark",
      label: t("band.chart"),
      cell: (row) => <Mark band={row} label={t("band.label", { matches: formats.number(row.matches), usual: usual(row) })} />,
      fixed: true,
    },
  ];
}

function Rates() {
  const { t } = useTranslation("coverage");
  const stats = useStats("14");
  return (
    <Fetched query={stats}>
      {({ lists }) => (
        <Section title={t("rates.section")}>
          <div className={styles.charts}>
            <Bars
              title={t("rates.title")}
              about={t("rates.about")}
              axis={t("rates.list")}
              series={[{ id: "per10k", label: t("rates.per10k") }]}
              points={ratesOf(lists).map(({ label, per10k }) => ({ label, values: { per10k } }))}
            />
          </div>
        </Section>
      )}
    </Fetched>
  );
}

export function Bands() {
  const { t } = useTranslation("coverage");
  const may = useMay();
  const columns = useColumns();
  const bands = useBands();
  return (
    <>
      <Fetched query={bands}>
        {({ at, items }) => (
          <Section title={t("band.title")}>
            <Stack>
              <p className="dim">
                {t("band.at")} <Time at={at} />
              </p>
              <Rows name="coverage-bands" part="band" columns={columns} rows={orderOfBands(items)} rowKey={(row) => `${row.list}/${row.door}/${row.media_type}`} />
              <Note>{t("band.note")}</Note>
            </Stack>
          </Section>
        )}
      </Fetched>
      {may("stats_read") && <Rates />}
    </>
  );
}
