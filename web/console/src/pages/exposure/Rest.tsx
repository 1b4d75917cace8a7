// The ring, in words: how much today, until when a break, when views are open again.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { ringKindOf } from "@/app/ExposureRing";
import { Ring } from "@/charts";
import { Status, Time, useFormats, type StatusKind } from "@/ui";

const kinds: Record<"ok" | "warn" | "bad" | "off", StatusKind> = { ok: "ok", warn: "warn", bad: "bad", off: "off" };

export function Rest({ exposure }: { exposure: Schemas["Exposure"] }) {
  const { t } = useTranslation(["exposure", "common"]);
  const formats = useFormats();
  const kind = ringKindOf(exposure.level);
  const share = exposure.points_max === 0 ? 0 : exposure.points / exposure.points_max;
  const level = t(`common:level.${exposure.level}`);
  return (
    <div className="rest">
      <Ring
        share={share}
        kind={kind}
        size={72}
        label={t("common:ring", { points: exposure.points, most: exposure.points_max, level })}
      />
      <div>
        <p>
          <Status kind={kinds[kind]}>{t(`about.${exposure.level}`)}</Status>
        </p>
        <dl className="facts">
          <dt>{t("today")}</dt>
          <dd>{t("points", { count: exposure.points, most: formats.number(exposure.points_max) })}</dd>
          <dt>{t("until_break")}</dt>
          <dd>{t("points_left", { count: exposure.until_break })}</dd>
          {exposure.views_again_at !== undefined && (
            <>
              <dt>{t("again")}</dt>
              <dd>
                <Time at={exposure.views_again_at} />
              </dd>
            </>
          )}
          {exposure.shift_began_at !== undefined && (
            <>
              <dt>{t("shift")}</dt>
              <dd>
                <Time at={exposure.shift_began_at} />
              </dd>
            </>
          )}
        </dl>
      </div>
    </div>
  );
}
