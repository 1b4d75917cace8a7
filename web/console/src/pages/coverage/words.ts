// Words of the room: how long something took; why something could not be scanned (the server's own
// code where the catalogue lacks it).
import { useTranslation } from "react-i18next";
import { useFormats } from "@/ui";

const reasons = [
  "media_corrupt",
  "media_empty",
  "media_no_decoder",
  "media_too_large",
  "media_too_many_pixels",
  "media_unsupported_type",
  "worker_bad_reply",
  "worker_cpu_time",
  "worker_crashed",
  "worker_memory",
  "worker_sandbox_violation",
  "worker_timeout",
  "damaged",
  "partial",
] as const;

export function useReasonWord(): (reason: string) => string {
  const { t } = useTranslation("coverage");
  return (reason) => {
    const known = reasons.find((each) => each === reason.replaceAll(".", "_"));
    return known !== undefined ? t(`unscannable.${known}`) : reason === "" ? t("why.unknown") : reason;
  };
}

/** "38 ms", "1.1 s"; "" where it was not measured. */
export function useTook(): (ms: number | undefined) => string {
  const { t } = useTranslation("coverage");
  const formats = useFormats();
  return (ms) => {
    if (ms === undefined) {
      return "";
    }
    return ms < 1000 ? t("unit.ms", { value: formats.number(Math.round(ms)) }) : t("unit.s", { value: formats.number(ms / 1000, { maximumFractionDigits: 1 }) });
  };
}
