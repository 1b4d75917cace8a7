// Why something could not be scanned, in words; the server's own code where the catalogue lacks it.
import { useTranslation } from "react-i18next";

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
