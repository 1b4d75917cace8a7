// What was done at the authority, round by round: each step was written down before it was taken.
import { useTranslation } from "react-i18next";
import { Empty, Section, Status, Time, type StatusKind } from "@/ui";
import styles from "./reports.module.css";
import { meaningOf, type ReportStep, type ReportWhole } from "./words";

const kinds: Record<ReportStep["phase"], StatusKind> = {
  begun: "busy",
  done: "ok",
  unclear: "warn",
  trouble: "warn",
  credentials: "bad",
  rejected: "bad",
  other_bytes: "bad",
  gone: "warn",
  retracted: "off",
  finished: "ok",
};

function StepLine({ step, isLast }: { step: ReportStep; isLast: boolean }) {
  const { t } = useTranslation("reports");
  const isCurrent = step.phase === "begun" && isLast;
  return (
    <li>
      <div>
        <b>{t(`step.${step.step}`)}</b>
        {step.file !== undefined && <> {t("step.file", { number: step.file + 1 })}</>}{" "}
        <Status kind={step.phase === "begun" && !isCurrent ? "warn" : kinds[step.phase]}>{isCurrent ? t("phase.now") : t(`phase.${step.phase}`)}</Status>
      </div>
      {step.code !== undefined && (
        <div>
          {t("step.code", { code: step.code })} {t(`meaning.${meaningOf(step.code)}`)}
        </div>
      )}
      {step.description !== undefined && step.phase !== "done" && <div className={styles.typed}>{step.description}</div>}
      <div className="dim">
        <Time at={step.ended_at ?? step.begun_at} />
        {step.http_status !== undefined && step.phase !== "done" && <> {"\u00b7"} HTTP {step.http_status}</>}
        {step.reference !== undefined && <> {"\u00b7"} {t("step.reference", { reference: step.reference })}</>}
        {step.request_ref !== undefined && step.phase !== "done" && <> {"\u00b7"} {t("step.request", { id: step.request_ref })}</>}
      </div>
    </li>
  );
}

export function Timeline({ whole }: { whole: ReportWhole }) {
  const { t } = useTranslation("reports");
  const { steps } = whole;
  const rounds = [...new Set(steps.map((each) => each.round))];
  return (
    <Section title={t("timeline.title")}>
      {steps.length === 0 ? (
        <Empty title={t("timeline.none")}>{t("timeline.none_text")}</Empty>
      ) : (
        rounds.map((round) => (
          <div key={round} className={styles.round}>
            {rounds.length > 1 && <h3>{t("timeline.round", { number: round })}</h3>}
            <ol className={styles.steps}>
              {steps
                .filter((each) => each.round === round)
                .map((each) => (
                  <StepLine key={`${each.begun_at}${each.step}${each.file ?? ""}`} step={each} isLast={each === steps.at(-1)} />
                ))}
            </ol>
          </div>
        ))
      )}
    </Section>
  );
}
