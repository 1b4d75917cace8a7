// Is detection on, and everything that is wrong: what happened, since when, what is safe, what to do.
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useMe, type Schemas } from "@/api";
import { concernsDetection, objectText, useCodeText, wayTo } from "@/app/reasons";
import { roomsOf } from "@/app/rooms";
import { Section, Status, Time } from "@/ui";
import { Facts, Note, Stack } from "../parts";
import { codeOf, groupsOf, kinds, type Group } from "./alarms";
import styles from "./coverage.module.css";

type Alarm = Schemas["Alarm"];

/** As the strip says it. */
const states = { ok: "on", degraded: "degraded", blind: "off" } as const;

/** The server's sentence has the figures; it is English. */
function Of({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation("coverage");
  return (
    <li>
      {alarm.object !== "" && <b>{objectText(alarm.object)}</b>}
      <span lang="en">{alarm.why}</span>
      <span className="dim">
        {t("alarm.since")} <Time at={alarm.since} />
        {alarm.times > 1 && <>, {t("alarm.times", { count: alarm.times })}</>}
      </span>
    </li>
  );
}

function AlarmGroup({ group }: { group: Group }) {
  const { t } = useTranslation(["coverage", "alarms", "common"]);
  const text = useCodeText();
  const me = useMe();
  const code = codeOf(group.code);
  const way = wayTo(group.code, new Set(roomsOf(me).map(({ path }) => path)));
  const name = text(group.code);
  return (
    <li className={styles.alarm} data-kind={kinds[group.level]}>
      <h3>
        <Status kind={kinds[group.level]}>{name}</Status>
      </h3>
      <ul className={styles.objects}>
        {group.alarms.map((alarm) => (
          <Of key={alarm.object} alarm={alarm} />
        ))}
      </ul>
      {code !== undefined && (
        <Facts
          rows={[
            [t("alarm.happened"), t(`alarms:code.${code}.happened`)],
            [t("alarm.safe"), t(`alarms:code.${code}.safe`)],
            [t("alarm.do"), t(`alarms:code.${code}.do`)],
            ["", way !== undefined && way !== "/coverage" && <Link key="way" to={way}>{t(`alarm.way.${wayName(way)}`)}</Link>],
          ]}
        />
      )}
    </li>
  );
}

const ways = ["lists", "actions", "bands", "counts", "notices", "duty", "staffing", "partners"] as const;

function wayName(way: string): (typeof ways)[number] {
  const last = way.split("/").at(-1);
  return ways.find((each) => each === last) ?? "lists";
}

function Groups({ groups, label }: { groups: readonly Group[]; label: string }) {
  return (
    <ul className={styles.alarms} aria-label={label}>
      {groups.map((group) => (
        <AlarmGroup key={group.code} group={group} />
      ))}
    </ul>
  );
}

/** What people outside, or partners, wait for: told like alarms, and none of detection. */
export function PeopleWait({ alarms }: { alarms: Schemas["Coverage"]["alarms"] }) {
  const { t } = useTranslation("coverage");
  const groups = groupsOf(alarms.filter((alarm) => !concernsDetection(alarm)));
  return (
    groups.length > 0 && (
      <Section title={t("people.title")}>
        <Stack>
          <Note>{t("people.note")}</Note>
          <Groups groups={groups} label={t("people.title")} />
        </Stack>
      </Section>
    )
  );
}

export function State({ coverage }: { coverage: Schemas["Coverage"] }) {
  const { t } = useTranslation(["coverage", "common"]);
  const groups = groupsOf(coverage.alarms.filter(concernsDetection));
  return (
    <Section title={t("state.title")}>
      <Stack>
        <div className={styles.line}>
          <Status kind={kinds[coverage.state]}>
            <b>{t(`common:strip.state.${states[coverage.state]}`)}</b>
          </Status>
          {groups.length === 0 && <span>{t("state.nothing")}</span>}
          <span className="dim">
            {t("state.at")} <Time at={coverage.at} />
          </span>
          <span className="dim">
            {t("state.started")} <Time at={coverage.started_at} />
          </span>
          <span className="dim">
            {t("state.last")} {coverage.last_verdict_at === undefined ? t("never") : <Time at={coverage.last_verdict_at} />}
          </span>
        </div>
        {groups.length > 0 && <Groups groups={groups} label={t("alarm.now")} />}
      </Stack>
    </Section>
  );
}
