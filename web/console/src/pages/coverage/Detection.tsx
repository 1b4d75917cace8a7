// The state of detection: every reason as a sentence, every door, the lists, and what is owed.
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useMay, type Schemas } from "@/api";
import { Due, Section, Status, Table, Time, useFormats, type Column, type StatusKind } from "@/ui";
import { Facts, Stack } from "../parts";
import styles from "../parts/parts.module.css";
import { stops, useSentence } from "./reasons";

type Door = Schemas["DoorState"];

const kinds: Record<Schemas["Health"], StatusKind> = { on: "ok", degraded: "warn", off: "bad" };
const OWED_MS = 60_000;

function Doors({ doors }: { doors: readonly Door[] }) {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  const columns: Column<Door>[] = [
    { id: "door", label: t("door.name"), cell: (row) => row.door, fixed: true },
    { id: "state", label: t("door.state"), cell: (row) => <Status kind={kinds[row.state]}>{t(`health.${row.state}`)}</Status>, fixed: true },
    { id: "today", label: t("door.today"), cell: (row) => formats.number(row.items_today), number: true, fixed: true },
    {
      id: "last",
      label: t("door.last"),
      cell: (row) => (row.last_item_at === undefined ? t("door.never") : <Time at={row.last_item_at} />),
      fixed: true,
    },
  ];
  return (
    <Table
      name="coverage-doors"
      label={t("door.title")}
      columns={columns}
      rows={doors}
      rowKey={(row) => row.door}
      empty={{ title: t("door.empty.title"), text: t("door.empty.text") }}
      keys={false}
    />
  );
}

function Owed({ detection }: { detection: Schemas["Detection"] }) {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  const { owed, oldest_owed_at: oldest } = detection;
  if (owed === 0 || oldest === undefined) {
    return <Status kind="ok">{t("owed.none")}</Status>;
  }
  return (
    <Stack>
      <p>{t("owed.some", { count: owed, items: formats.number(owed) })}</p>
      <Facts
        rows={[
          [t("owed.oldest"), <Time key="oldest" at={oldest} />],
          [t("owed.within"), <Due key="within" at={new Date(oldest).getTime() + OWED_MS} nearMs={OWED_MS} />],
        ]}
      />
    </Stack>
  );
}

export function Detection({ detection }: { detection: Schemas["Detection"] }) {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  const may = useMay();
  const sentence = useSentence();
  const { lists, reasons } = detection;
  const name = (list: string) => (may("lists_read") ? <Link to="/lists">{list}</Link> : list);
  const named = (all: readonly string[]) =>
    all.map((each, at) => (
      <span key={each}>
        {at > 0 && ", "}
        {name(each)}
      </span>
    ));
  return (
    <>
      <Section title={t("state.title")}>
        <Stack>
          <Status kind={kinds[detection.state]}>
            <b>{t(`state.${detection.state}`)}</b>
          </Status>
          {reasons.length > 0 ? (
            <ul className={styles.plain}>
              {reasons.map((reason) => (
                <li key={reason.code + (reason.object ?? "")}>
                  <Status kind={stops(reason.code) ? "bad" : "warn"}>{sentence(reason)}</Status>
                </li>
              ))}
            </ul>
          ) : (
            <p>{t("state.nothing")}</p>
          )}
          <Facts
            rows={[
              [
                t("state.last"),
                detection.last_verdict_at === undefined ? t("door.never") : <Time key="last" at={detection.last_verdict_at} />,
              ],
            ]}
          />
        </Stack>
      </Section>
      <div className="columns">
        <Section title={t("door.title")}>
          <Doors doors={detection.doors} />
        </Section>
        <Stack>
          <Section title={t("lists.title")}>
            <Facts
              rows={[
                [t("lists.active"), formats.number(lists.active)],
                [t("lists.signals"), formats.number(lists.signals)],
                [t("lists.empty"), lists.empty.length > 0 && named(lists.empty)],
                [t("lists.stale"), lists.stale.length > 0 && named(lists.stale)],
                ["", may("lists_read") && <Link key="all" to="/lists">{t("lists.all")}</Link>],
              ]}
            />
          </Section>
          <Section title={t("owed.title")}>
            <Owed detection={detection} />
          </Section>
        </Stack>
      </div>
    </>
  );
}
