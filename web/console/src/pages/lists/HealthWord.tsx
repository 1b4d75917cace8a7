import { useTranslation } from "react-i18next";
import { Status, type StatusKind } from "@/ui";
import type { Health } from "./health";

const kinds: Record<Health, StatusKind> = {
  removed: "off",
  inactive: "off",
  empty: "bad",
  stale: "warn",
  shrunk: "info",
  fresh: "ok",
};

export function HealthWord({ health }: { health: Health }) {
  const { t } = useTranslation("lists");
  return <Status kind={kinds[health]}>{t(`health.${health}`)}</Status>;
}
