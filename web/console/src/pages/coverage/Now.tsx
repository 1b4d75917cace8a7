// How it is at this moment: doors, lists, what is owed, sampling audits.
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useCoverage, useMay, type Schemas } from "@/api";
import { useCodeText } from "@/app/reasons";
import { Fetched, Section, Status, Time, useFormats, type Column } from "@/ui";
import { Facts, Note, Stack, Steps } from "../parts";
import { kinds } from "./alarms";
import { Canaries } from "./Canaries";
import { Rows } from "./Rows";
import { PeopleWait, State } from "./State";
import styles from "./coverage.module.css";

type Coverage = Schemas["Coverage"];
type Door = Schemas["WatchedDoor"];
type List = Schemas["WatchedList"];

function Doors({ doors }: { doors: readonly Door[] }) {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  const columns: Column<Door>[] = [
    { id: "door", label: t("door.name"), cell: (row) => row.door, fixed: true },
    { id: "state", label: t("door.state"), cell: (row) => <Status kind={kinds[row.level]}>{t(`level.${row.level}`)}</Status>, fixed: true, last: true },
    {
      id: "scanning",
      label: t("door.scanning"),
      cell: (row) => (row.scanning ? t("door.scans") : <Status kind="bad">{t("door.stopped")}</Status>),
      fixed: true,
    },
    { id: "error", label: t("door.on_error"), cell: (row) => t(`door.${row.on_error}`), fixed: true },
    { id: "today", label: t("door.today"), cell: (row) => formats.number(row.items_today), number: true, fixed: true },
    {
      id: "through",
      label: t("door.let_through"),
      cell: (row) => (row.let_through === 0 ? formats.number(0) : <Status kind="warn">{formats.number(row.let_through)}</Status>),
      number: true,
      fixed: true,
    },
  ];
  return (
    <Section title={t("door.title")}>
      <Rows name="coverage-doors" part="door" columns={columns} rows={doors} rowKey={(row) => row.door} />
    </Section>
  );
}

function Lists({ lists, alarms }: { lists: readonly List[]; alarms: Coverage["alarms"] }) {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  const may = useMay();
  const text = useCodeText();
  const word = (code: string) => {
    const known = (["empty", "shrunk", "stale"] as const).find((each) => code === `list.${each}`);
    return known === undefined ? text(code) : t(`list.${known}`);
  };
  const alarmOf = (name: string) => alarms.find(({ code, object }) => code.startsWith("list.") && object === name);
  const columns: Column<List>[] = [
    { id: "name", label: t("list.name"), cell: (row) => row.name, fixed: true },
    {
      id: "state",
      label: t("list.state"),
      cell: (row) => {
        const alarm = alarmOf(row.name);
        return alarm ? <Status kind={kinds[alarm.level]}>{word(alarm.code)}</Status> : <Status kind="ok">{t("list.fresh")}</Status>;
      },
      fixed: true,
      last: true,
    },
    { id: "purpose", label: t("list.purpose"), cell: (row) => t(`list.${row.purpose}`), fixed: true },
    { id: "signals", label: t("list.signals"), cell: (row) => formats.number(row.signals), number: true, fixed: true },
    { id: "changed", label: t("list.changed"), cell: (row) => <Time at={row.changed_at} />, fixed: true },
    {
      id: "rescan",
      label: t("list.not_rescanned"),
      // Canaries are searched for once.
      cell: (row) =>
        row.purpose === "canary" ? "\u2013" : row.not_rescanned === undefined ? t("canary.unmeasured") : formats.number(row.not_rescanned),
      number: true,
      fixed: true,
    },
  ];
  return (
    <Section title={t("list.title")}>
      <Stack>
        <Rows name="coverage-lists" part="list" columns={columns} rows={lists} rowKey={(row) => row.name} />
        {may("lists_read") && <Link to="/lists">{t("list.all")}</Link>}
      </Stack>
    </Section>
  );
}

function Backlog({ backlog }: { backlog: Schemas["Backlog"] }) {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  const { owed, done, per_second: perSecond, oldest_at: oldest, finished_at: end } = backlog;
  return (
    <Section title={t("owed.title")}>
      {owed === 0 ? (
        <Status kind="ok">{t("owed.none")}</Status>
      ) : (
        <Stack>
          <p>{t("owed.some", { count: owed, items: formats.number(owed) })}</p>
          <Steps done={done} of={done + owed} label={t("owed.progress")} />
          <Facts
            rows={[
              [t("owed.oldest"), oldest !== undefined && <Time key="oldest" at={oldest} />],
              [t("owed.done"), formats.number(done)],
              [t("owed.pace"), t("owed.per_second", { count: perSecond, items: formats.number(perSecond, { maximumFractionDigits: 1 }) })],
              [t("owed.end"), end === undefined ? t("owed.unknown") : <Time key="end" at={end} />],
            ]}
          />
        </Stack>
      )}
    </Section>
  );
}

function Samples({ samples }: { samples: Schemas["SampleAudits"] }) {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  const { same, different, failed, owed, last_at: last } = samples;
  const made = same + different + failed;
  return (
    <Section title={t("sample.title")}>
      <Stack>
        <div className={styles.line}>
          {different > 0 ? (
            <Status kind="bad">{t("sample.different", { count: different, items: formats.number(different) })}</Status>
          ) : made === 0 ? (
            <Status kind="off">{t("sample.none")}</Status>
          ) : (
            <Status kind="ok">{t("sample.same", { count: same, items: formats.number(same) })}</Status>
          )}
          {last !== undefined && (
            <span className="dim">
              {t("sample.last")} <Time at={last} />
            </span>
          )}
          {owed > 0 && <span className="dim">{t("sample.owed", { items: formats.number(owed) })}</span>}
          {failed > 0 && <span className="dim">{t("sample.failed", { items: formats.number(failed) })}</span>}
        </div>
        <Note>{t("sample.note")}</Note>
      </Stack>
    </Section>
  );
}

export function Now() {
  const coverage = useCoverage();
  return (
    <Fetched query={coverage}>
      {(data) => (
        <>
          <State coverage={data} />
          <Canaries lines={data.canaries} />
          <Doors doors={data.doors} />
          <Backlog backlog={data.backlog} />
          <Lists lists={data.lists} alarms={data.alarms} />
          <Samples samples={data.samples} />
          <PeopleWait alarms={data.alarms} />
        </>
      )}
    </Fetched>
  );
}
