// On the page of a case: its reports, and a draft where a confirmed case has none.
import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router-dom";
import { api, ask, useMay, type ApiError } from "@/api";
import { notify, useProblemText } from "@/ui";
import type { Case } from "@/casework/words";
import { useReportsChanged } from "./queries";
import styles from "./reports.module.css";
import { EnvironmentWord, StateWord, useAuthorityName, type ReportWhole } from "./words";

export default function CaseReports({ of }: { of: Case }) {
  const { t } = useTranslation("reports");
  const may = useMay();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const nameOf = useAuthorityName();
  const changed = useReportsChanged();
  const query = useQuery({
    queryKey: ["reports", "list", "case", of.id, of.version],
    queryFn: ({ signal }) => ask(api.GET("/v1/reports", { params: { query: { case: of.id, limit: 20 } }, signal })),
  });
  const draft = useMutation<ReportWhole, ApiError>({
    mutationFn: () => ask(api.POST("/v1/reports", { body: { case: of.id } })),
    onSuccess: (made) => navigate(`/reports/${made.report.id}`),
    onError: (error) => notify({ kind: "bad", text: problemText(error) }),
    onSettled: changed,
  });
  const reports = query.data?.items;
  const hasOne = reports?.some((each) => each.state !== "withdrawn" && each.kind === "report");
  return (
    <>
      {reports?.map((each) => (
        <span key={each.id} className={styles.ofCase}>
          <Link to={`/reports/${each.id}`}>{t("case.report", { name: nameOf(each.authority) })}</Link> <StateWord of={each} />
          {each.environment !== "production" && each.state !== "finished" && <EnvironmentWord environment={each.environment} />}
        </span>
      ))}
      {hasOne === false && may("report_write") && of.outcome === "confirmed" && of.state === "closed" && (
        <Button variant="default" loading={draft.isPending} onClick={() => draft.mutate()}>
          {t("case.draft")}
        </Button>
      )}
    </>
  );
}
