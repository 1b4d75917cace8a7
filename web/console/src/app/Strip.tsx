// "Is detection on?": one line on top of every page, in words, with the reason and the way to it.
// When the server does not answer, the strip says that, and nothing of what it said before.
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import type { Schemas } from "../api/client";
import { useOverview } from "../api/overview";
import { Status, type StatusKind } from "../ui/Status";
import { Time } from "../ui/Time";
import { useReasonText, wayTo } from "./reasons";

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

function Words({ detection }: { detection: Detection }) {
  const { t } = useTranslation("common");
  const reason = useReasonText();
  const watched = detection.doors.filter((door) => door.state === "on").length;
  return (
    <>
      <Status kind={kinds[detection.state]}>
        <b>{t(`strip.state.${detection.state}`)}</b>
      </Status>
      {detection.reasons.map((each) => (
        <span key={each.code + (each.object ?? "")}>
          <Link to={wayTo(each.code)}>{reason(each)}</Link>
        </span>
      ))}
      {detection.state === "on" && (
        <>
          <span>{t("strip.doors", { count: detection.doors.length, watched })}</span>
          <span>{t("strip.lists", { count: detection.lists.active })}</span>
          <span>
            {detection.last_verdict_at === undefined ? (
              t("strip.no_verdict")
            ) : (
              <>
                {t("strip.verdict")} <Time at={detection.last_verdict_at} />
              </>
            )}
          </span>
        </>
      )}
      {detection.owed > 0 && <span>{t("strip.owed", { count: detection.owed })}</span>}
    </>
  );
}

export function Strip({ children }: { children: ReactNode }) {
  const { t } = useTranslation("common");
  const { data, error, failureReason, dataUpdatedAt } = useOverview();
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
      <Words detection={data.detection} />
    </Line>
  );
}
