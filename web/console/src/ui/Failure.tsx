// An error in three sentences: what happened, what is safe, what to do.
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { asApiError, type ApiError } from "../api/problem";

/** What happened, in the catalogue's words where it knows the code, else in the server's. */
export function useProblemText(): (error: ApiError) => string {
  const { t, i18n } = useTranslation("common");
  return (error) => {
    const key = `error.${error.code.replace(".", "_")}`;
    if (i18n.exists(key, { ns: "common" })) {
      return t(key as "error.console_unreachable");
    }
    return error.detail === "" ? t("error.console_fault") : error.detail;
  };
}

interface FailureProps {
  error: unknown;
  of?: "reading" | "change" | "command"; // a command is done once, however often it is sent
  onRetry?: () => void;
}

export function Failure({ error, of = "change", onRetry }: FailureProps) {
  const { t } = useTranslation("common");
  const text = useProblemText();
  const problem = asApiError(error);
  const isKnown = of === "reading" || (problem.status !== 0 && problem.status < 500);
  return (
    <div className="failure" role="alert">
      <p className="failure-head">{text(problem)}</p>
      <p>{isKnown ? t("failure.nothing_changed") : of === "command" ? t("failure.maybe") : t("failure.look")}</p>
      {problem.requestId !== undefined && (
        <p className="dim mono">{t("failure.request", { id: problem.requestId })}</p>
      )}
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          {t("action.retry")}
        </Button>
      )}
    </div>
  );
}
