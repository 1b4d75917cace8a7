// What was raised, changed and cleared; and who is told of it.
import { useTranslation } from "react-i18next";
import { useCoverage, type Schemas } from "@/api";
import { objectText, useCodeText } from "@/app/reasons";
import { Fetched, Section, Status, Table, Time, useFormats, usePaging, type Column, type StatusKind } from "@/ui";
import { arrives, kinds } from "./alarms";
import { useAlarmEvents } from "./queries";
import { Rows } from "./Rows";

type Event = Schemas["AlarmEvent"];
type Channel = Schemas["AlarmChannel"];

function Told({ channels }: { channels: readonly Channel[] }) {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  const stateOf = (channel: Channel): [StatusKind, string] => {
    const good = arrives(channel);
    return good === undefined ? ["off", t("told.unused")] : good ? ["ok", t("told.works")] : ["bad", t("told.fails")];
  };
  const time = (at: string | undefined) => (at === undefined ? t("never") : <Time at={at} />);
  const columns: Column<Channel>[] = [
    { id: "channel", label: t("told.channel"), cell: (row) => t(`told.${row.channel}`), fixed: true },
    {
      id: "state",
      label: t("told.state"),
      cell: (row) => {
        const [kind, word] = stateOf(row);
        return <Status kind={kind}>{word}</Status>;
      },
      fixed: true,
      last: true,
    },
    { id: "success", label: t("told.success"), cell: (row) => time(row.last_success_at), fixed: true },
    { id: "failure", label: t("told.failure"), cell: (row) => time(row.last_failure_at), fixed: true },
    { id: "why", label: t("told.why"), cell: (row) => row.failure ?? "", fixed: true },
    { id: "waiting", label: t("told.waiting"), cell: (row) => formats.number(row.waiting), number: true, fixed: true },
  ];
  return (
    <Section title={t("told.title")}>
      <Rows name="coverage-told" part="told" columns={columns} rows={channels} rowKey={(row) => row.channel} />
    </Section>
  );
}

function History() {
  const { t } = useTranslation("coverage");
  const text = useCodeText();
  const paging = usePaging();
  const events = useAlarmEvents(paging.after);
  const columns: Column<Event>[] = [
    { id: "at", label: t("event.at"), cell: (row) => <Time at={row.at} />, fixed: true },
    {
      id: "what",
      label: t("event.what"),
      cell: (row) => <Status kind={row.what === "cleared" ? "ok" : kinds[row.level]}>{t(`event.${row.what}`)}</Status>,
      fixed: true,
      last: true,
    },
    { id: "level", label: t("event.level"), cell: (row) => t(`level.${row.level}`), fixed: true },
    { id: "code", label: t("event.code"), cell: (row) => text(row.code), fixed: true },
    { id: "object", label: t("event.object"), cell: (row) => (row.object === "" ? "" : <span className="nowrap">{objectText(row.object)}</span>), fixed: true },
    { id: "why", label: t("event.why"), cell: (row) => <span lang="en">{row.why}</span> },
  ];
  return (
    <Section title={t("event.title")}>
      <Fetched query={events}>
        {({ items, next }) => (
          <Table
            name="coverage-alarms"
            label={t("event.title")}
            columns={columns}
            rows={items}
            rowKey={(row) => row.id}
            empty={{ title: t("event.empty.title"), text: t("event.empty.text") }}
            paging={paging}
            next={next}
          />
        )}
      </Fetched>
    </Section>
  );
}

export function Alarms() {
  const coverage = useCoverage();
  return (
    <>
      <Fetched query={coverage}>{({ told }) => <Told channels={told} />}</Fetched>
      <History />
    </>
  );
}
