// One's own exposure today, small and always there.
import { useTranslation } from "react-i18next";
import { useOverview } from "../api/overview";
import { Ring, type RingProps } from "../charts";
import type { Schemas } from "../api/client";

const kinds: Record<Schemas["Level"], RingProps["kind"]> = {
  rested: "ok",
  steady: "ok",
  near_limit: "warn",
  break: "warn",
  cool_down: "warn",
  done: "bad",
  days_off: "bad",
};

export function ringKindOf(level: Schemas["Level"]): RingProps["kind"] {
  return kinds[level];
}

export function ExposureRing() {
  const { t } = useTranslation("common");
  const { data } = useOverview();
  const exposure = data?.exposure;
  if (!exposure) {
    return null;
  }
  const share = exposure.points_max === 0 ? 0 : exposure.points / exposure.points_max;
  const label = t("ring", { points: exposure.points, most: exposure.points_max, level: t(`level.${exposure.level}`) });
  return <Ring share={share} kind={ringKindOf(exposure.level)} label={label} size={18} />;
}
