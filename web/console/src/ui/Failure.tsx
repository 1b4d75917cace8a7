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

export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation("common");
  const text = useProblemText();
  const problem = asApiError(error);
  const safe = problem.status === 0 || problem.status >= 500 ? "unknown" : "refused";
  return (
    <div className="failure" role="alert">
      <p className="failure-head">{text(problem)}</p>
      <p>{safe === "refused" ? t("failure.nothing_changed") : t("failure.maybe")}</p>
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
