// "Is detection on?": one line on top of every page, in words, with the reason and the way to it.
// When the server does not answer, the strip says that, and nothing of what it said before.
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import type { Schemas } from "../api/client";
import { useCoverage, useOverview } from "../api/overview";
import { useMe } from "../api/session";
import { Status, type StatusKind } from "../ui/Status";
import { Time } from "../ui/Time";
import { concernsDetection, grouped, useReasonText, wayTo } from "./reasons";
import { roomsOf } from "./rooms";
import { watchedOf } from "./watched";

type Detection = Schemas["Detection"];

const kinds: Record<Detection["state"], StatusKind> = { on: "ok", degraded: "warn", off: "bad" };

function Line({ kind, children, tools }: { kind: StatusKind; children: ReactNode; tools: ReactNode }) {
  const { t } = useTranslation("common");
  return (
    <section className="strip" data-kind={kind} aria-label={t("strip.label")}>
      <span className="strip-name">Tutela</span>
      <div className="strip-words" role="status">
        {children}
      </div>
      <div className="strip-tools">{tools}</div>
    </section>
  );
}

const REASONS_MOST = 3;

function Reasons({ of }: { of: Detection["reasons"] }) {
  const { t } = useTranslation("common");
  const reason = useReasonText();
  const me = useMe();
  const rooms = new Set(roomsOf(me).map(({ path }) => path));
  const all = grouped(of);
  const more = all.length - REASONS_MOST;
  const linked = (to: string | undefined, text: string) => (to === undefined ? text : <Link to={to}>{text}</Link>);
  return (
    <>
      {all.slice(0, REASONS_MOST).map((each) => (
        <span key={each.code}>{linked(wayTo(each.code, rooms), reason(each))}</span>
      ))}
      {more > 0 && <span>{linked(wayTo("", rooms), t("strip.more", { count: more }))}</span>}
    </>
  );
}

function Watching({ detection, coverage }: { detection: Detection; coverage: Schemas["Coverage"] | undefined }) {
  const { t } = useTranslation("common");
  const { doors, on, fresh, canaryAt } = watchedOf(detection, coverage);
  const verdictAt = coverage === undefined ? detection.last_verdict_at : undefined;
  return (
    <>
      <span>{on === doors ? t("strip.all_doors", { count: doors }) : t("strip.doors", { count: doors, watched: on })}</span>
      {canaryAt !== undefined && (
        <span>
          {t("strip.canary")} <Time at={canaryAt} />
        </span>
      )}
      <span>{t("strip.lists", { count: fresh })}</span>
      {verdictAt !== undefined && (
        <span>
          {t("strip.verdict")} <Time at={verdictAt} />
        </span>
      )}
    </>
  );
}

function Words({ detection, coverage }: { detection: Detection; coverage: Schemas["Coverage"] | undefined }) {
  const { t } = useTranslation("common");
  const ofPeople = detection.reasons.filter((reason) => !concernsDetection(reason));
  return (
    <>
      <Status kind={kinds[detection.state]}>
        <b>{t(`strip.state.${detection.state}`)}</b>
      </Status>
      <Reasons of={detection.reasons.filter(concernsDetection)} />
      {detection.state === "on" && <Watching detection={detection} coverage={coverage} />}
      {detection.owed > 0 && <span>{t("strip.owed", { count: detection.owed })}</span>}
      {ofPeople.length > 0 && (
        <Status kind="warn">
          <Reasons of={ofPeople} />
        </Status>
      )}
    </>
  );
}

export function Strip({ children }: { children: ReactNode }) {
  const { t } = useTranslation("common");
  const { data, error, failureReason, dataUpdatedAt } = useOverview();
  const coverage = useCoverage();
  const problem = error ?? failureReason;
  if (problem) {
    return (
      <Line kind="bad" tools={children}>
        <Status kind="bad">
          <b>{t("strip.unknown")}</b>
        </Status>
        <span>
          {problem.status === 0 ? t("strip.unreachable") : t("strip.failed", { code: problem.code })}
          {dataUpdatedAt > 0 && (
            <>
              {" "}
              {t("strip.last_known")} <Time at={dataUpdatedAt} />
            </>
          )}
        </span>
      </Line>
    );
  }
  if (!data) {
    return (
      <Line kind="off" tools={children}>
        <Status kind="off">{t("strip.asking")}</Status>
      </Line>
    );
  }
  return (
    <Line kind={kinds[data.detection.state]} tools={children}>
      <Words detection={data.detection} coverage={coverage.isError ? undefined : coverage.data} />
    </Line>
  );
}
