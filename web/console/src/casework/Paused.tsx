// Nothing may be viewed for a while: said kindly, with the time, other work, and who helps.
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useOverview, type Schemas } from "@/api";
import { Status, Time } from "@/ui";

const stops = ["break", "cool_down", "done", "days_off"] as const;
export type Stop = (typeof stops)[number];

export function stopOf(level: Schemas["Level"] | undefined): Stop | undefined {
  return stops.find((each) => each === level);
}

export function OtherWork() {
  const { t } = useTranslation("case");
  return (
    <p>
      {t("paused.other")} <Link to="/queue?needs_view=false">{t("paused.without_view")}</Link>
      {" \u00b7 "}
      <Link to="/exposure">{t("paused.exposure")}</Link>
      {" \u00b7 "}
      <Link to="/support">{t("paused.support")}</Link>
    </p>
  );
}

/** For the head of a page; a cool-down of seconds is not worth one. */
export function Paused() {
  const { t } = useTranslation("case");
  const { data } = useOverview();
  const exposure = data?.exposure;
  const stop = stopOf(exposure?.level);
  if (!exposure || stop === "cool_down" || (!stop && exposure.level !== "near_limit")) {
    return null;
  }
  return (
    <div className="section" role="status">
      <Status kind={stop ? "info" : "warn"}>{t(`paused.${stop ?? "near_limit"}`)}</Status>{" "}
      {exposure.views_again_at !== undefined && (
        <>
          {t("paused.again")} <Time at={exposure.views_again_at} />.
        </>
      )}
      <OtherWork />
    </div>
  );
}
