// Whether the people on shift are enough for what was promised; if not, which promise breaks first, and when.
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useMay, type Schemas } from "@/api";
import { Due, Fetched, Section, Status, Table, Time, useFormats, type Column, type StatusKind } from "@/ui";
import { Facts, Stack } from "../parts";
import { useStaffing } from "./queries";
import { verdictOf, type Verdict } from "./words";

type Load = Schemas["StaffingLoad"];

const kinds: Record<Verdict, StatusKind> = { unknown: "off", enough: "ok", breaks: "bad" };

function Enough({ of, at }: { of: Schemas["Staffing"]; at: string }) {
  const { t } = useTranslation(["duty", "notices"]);
  const formats = useFormats();
  const verdict = verdictOf(of);
  const tenth = (value: number) => formats.number(value, { maximumFractionDigits: 1 });
  return (
    <Section title={t("duty:staffing.enough_title")}>
      <Stack>
        <p>
          <Status kind={kinds[verdict]}>
            <b>{t(`duty:staffing.verdict.${verdict}`)}</b>
          </Status>{" "}
          {verdict === "breaks" && of.breaks_at !== undefined && (
            <>
              {t("duty:staffing.breaks", { queue: of.breaks_queue === undefined ? "" : t(`notices:queue.${of.breaks_queue}`) })} <Due at={of.breaks_at} />
            </>
          )}
        </p>
        {verdict === "unknown" && <p className="dim">{t("duty:staffing.unknown_text")}</p>}
        {verdict === "breaks" && <p>{t("duty:staffing.todo")}</p>}
        <Facts
          rows={[
            [t("duty:staffing.people_now"), formats.number(of.people_now)],
            [t("duty:staffing.people_next"), tenth(of.people_next_day)],
            [t("duty:staffing.needed"), verdict === "unknown" ? t("duty:load.unknown") : t("duty:staffing.hours", { hours: tenth(of.hours_needed) })],
            [t("duty:staffing.there"), t("duty:staffing.hours", { hours: tenth(of.hours_there) })],
            [t("duty:staffing.at"), <Time key="at" at={at} />],
          ]}
        />
      </Stack>
    </Section>
  );
}

function Loads({ rows }: { rows: readonly Load[] }) {
  const { t } = useTranslation(["duty", "notices"]);
  const formats = useFormats();
  const reads = useMay()("notice_read");
  const columns: Column<Load>[] = [
    {
      id: "queue",
      label: t("duty:column.queue"),
      fixed: true,
      cell: (row) => (reads ? <Link to={`/notices?queue=${row.queue}&waiting=true`}>{t(`notices:queue.${row.queue}`)}</Link> : t(`notices:queue.${row.queue}`)),
    },
    { id: "waiting", label: t("duty:load.waiting"), number: true, fixed: true, last: true, cell: (row) => formats.number(row.waiting) },
    { id: "arrivals", label: t("duty:load.arrivals"), number: true, fixed: true, cell: (row) => formats.number(row.arrivals_per_hour, { maximumFractionDigits: 2 }) },
    {
      id: "each",
      label: t("duty:load.each"),
      number: true,
      fixed: true,
      cell: (row) => (row.minutes_each === undefined ? <span className="dim">{t("duty:load.unknown")}</span> : formats.duration(row.minutes_each * 60_000)),
    },
    { id: "promise", label: t("duty:load.promise"), number: true, fixed: true, last: true, cell: (row) => formats.duration(row.promise_seconds * 1000) },
    { id: "next", label: t("duty:load.next"), fixed: true, cell: (row) => (row.next_due_at === undefined ? "" : <Due at={row.next_due_at} />) },
  ];
  return (
    <Section title={t("duty:load.title")}>
      <Table name="staffing" label={t("duty:load.title")} columns={columns} rows={rows} rowKey={(row) => row.queue} empty={{ title: t("duty:load.empty") }} keys={false} />
    </Section>
  );
}

export function Staffing() {
  const query = useStaffing();
  return (
    <Fetched query={query}>
      {({ at, loads, staffing }) => (
        <>
          <Enough of={staffing} at={at} />
          <Loads rows={loads} />
        </>
      )}
    </Fetched>
  );
}
