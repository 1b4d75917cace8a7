import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useMe, type Schemas } from "@/api";
import { waits } from "@/app/Waits";
import { Due, Section, useFormats } from "@/ui";

export function WaitingNow({ waiting }: { waiting: Schemas["Waiting"] }) {
  const { t } = useTranslation(["overview", "common"]);
  const formats = useFormats();
  const me = useMe();
  const shown = waits.filter((each) => me.permissions.includes(each.permission));
  if (shown.length === 0) {
    return null;
  }
  return (
    <Section title={t("common:waits.label")}>
      <dl className="facts">
        {shown.map(({ name, to }) => (
          <div className="facts-row" key={name}>
            <dt>
              <Link to={to}>{t(`common:waits.${name}`)}</Link>
            </dt>
            <dd>
              {formats.number(waiting[name])}{" "}
              {name === "reports_due" && waiting.next_report_due_at !== undefined && (
                <>
                  {t("waiting.next")} <Due at={waiting.next_report_due_at} />
                </>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
