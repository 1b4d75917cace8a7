// Detection, door by door and list by list, with every reason and the way to its remedy.
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useMe, type Schemas } from "@/api";
import { Due, Section, Status, Table, Time, useFormats, type Column, type StatusKind } from "@/ui";
import { grouped, useReasonText, wayTo } from "@/app/reasons";
import { roomsOf } from "@/app/rooms";

type Door = Schemas["DoorState"];

const kinds: Record<Schemas["Health"], StatusKind> = { on: "ok", degraded: "warn", off: "bad" };
const OWED_MS = 60_000; // an item that is owed a verdict for longer is said in the strip

function Doors({ doors }: { doors: readonly Door[] }) {
  const { t } = useTranslation("overview");
  const formats = useFormats();
  const columns: Column<Door>[] = [
    { id: "door", label: t("door.name"), cell: (door) => door.door, fixed: true },
    {
      id: "state",
      label: t("door.state"),
      cell: (door) => <Status kind={kinds[door.state]}>{t(`health.${door.state}`)}</Status>,
      fixed: true,
    },
    { id: "today", label: t("door.today"), cell: (door) => formats.number(door.items_today), number: true, fixed: true },
    {
      id: "last",
      label: t("door.last"),
      cell: (door) => (door.last_item_at === undefined ? t("door.never") : <Time at={door.last_item_at} />),
      fixed: true,
    },
  ];
  return (
    <Table
      name="doors"
      label={t("door.table")}
      columns={columns}
      rows={doors}
      rowKey={(door) => door.door}
      empty={{ title: t("door.empty.title"), text: t("door.empty.text") }}
      keys={false}
    />
  );
}

export function Detection({ detection }: { detection: Schemas["Detection"] }) {
  const { t } = useTranslation("overview");
  const formats = useFormats();
  const reason = useReasonText();
  const me = useMe();
  const { lists } = detection;
  const rooms = new Set(roomsOf(me).map(({ path }) => path));
  const reasons = grouped(detection.reasons).map((each) => ({ code: each.code, text: reason(each), to: wayTo(each.code, rooms) }));
  return (
    <Section title={t("detection.title")}>
      <div className="page">
        {reasons.length > 0 && (
          <ul className="reasons">
            {reasons.map(({ code, text, to }) => (
              <li key={code}>
                <Status kind={detection.state === "off" ? "bad" : "warn"}>{to === undefined ? text : <Link to={to}>{text}</Link>}</Status>
              </li>
            ))}
          </ul>
        )}
        <Doors doors={detection.doors} />
        <dl className="facts">
          <dt>{t("detection.lists")}</dt>
          <dd>{t("detection.signals", { count: lists.active, signals: formats.number(lists.signals) })}</dd>
          <dt>{t("detection.owed")}</dt>
          <dd>
            {formats.number(detection.owed)}{" "}
            {detection.oldest_owed_at !== undefined && (
              <Due at={new Date(detection.oldest_owed_at).getTime() + OWED_MS} nearMs={OWED_MS} />
            )}
          </dd>
          <dt>{t("detection.last")}</dt>
          <dd>
            {detection.last_verdict_at === undefined ? t("door.never") : <Time at={detection.last_verdict_at} />}
          </dd>
        </dl>
      </div>
    </Section>
  );
}
