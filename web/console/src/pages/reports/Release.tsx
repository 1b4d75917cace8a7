// Before a report is released: who will be told what, what of it nobody looked at, what follows.
import { Button, Group, Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { api, ask, commandHeader, useCommand, useReportSummary, type Schemas } from "@/api";
import { Failure, Status, notify, useShortcut, Keys } from "@/ui";
import { valueAt, viewedOf, type JsonObject } from "./form";
import { useReportsChanged } from "./queries";
import styles from "./reports.module.css";
import { useAuthorityName, type ReportDocument, type ReportWhole } from "./words";

interface ReleaseProps {
  whole: ReportWhole;
  document: ReportDocument;
  onClose: () => void;
}

function What({ whole, document }: Omit<ReleaseProps, "onClose">) {
  const { t } = useTranslation("reports");
  const body = document.body as unknown as JsonObject;
  const incident = valueAt(body, "report/incidentSummary/incidentType");
  const { whole: seen, nobody, unsaid } = viewedOf(body);
  const files = seen + nobody + unsaid;
  return (
    <ul className={styles.told}>
      {typeof incident === "string" && (
        <li>
          {t("release.incident")} <span lang="en">{incident}</span>
        </li>
      )}
      {whole.report.account !== undefined && <li>{t("release.account", { account: whole.report.account })}</li>}
      <li>{files === 0 ? t("release.no_files") : t("release.files", { count: files })}</li>
      {seen > 0 && <li>{t("release.seen", { count: seen })}</li>}
      {nobody > 0 && (
        <li>
          <Status kind="warn">{t("release.nobody", { count: nobody })}</Status>
        </li>
      )}
      {unsaid > 0 && (
        <li>
          <Status kind="warn">{t("release.unsaid", { count: unsaid })}</Status>
        </li>
      )}
      {whole.prior.length > 0 && <li>{t("release.prior", { count: whole.prior.length })}</li>}
    </ul>
  );
}

function useFollows(whole: ReportWhole): string {
  const { t } = useTranslation("reports");
  const summary = useReportSummary();
  const of = whole.report;
  const authority = summary.data?.authorities.find((each) => each.name === of.authority);
  if (of.state === "draft" && summary.data?.second_person === true) {
    return t("release.then_second");
  }
  if (authority === undefined || authority.channel === "by_hand") {
    return t("release.then_by_hand");
  }
  return t("release.then_filed");
}

export function Release({ whole, document, onClose }: ReleaseProps) {
  const { t } = useTranslation(["reports", "common"]);
  const changed = useReportsChanged();
  const name = useAuthorityName();
  const follows = useFollows(whole);
  const of = whole.report;
  const release = useCommand(
    (body: Schemas["ReleaseRequest"], key) =>
      ask(api.POST("/v1/reports/{id}/release", { params: { path: { id: of.id }, header: commandHeader(key) }, body })),
    {
      onSuccess: (now) => {
        notify({ kind: "ok", text: now.report.state === "asked" ? t("reports:release.asked") : t("reports:release.done") });
        onClose();
      },
      onSettled: changed,
    },
  );
  const run = () => release.mutate({ version: of.version, document: document.number });
  const label = of.state === "asked" ? t("reports:release.second_button") : t("reports:release.button");
  useShortcut("mod+Enter", label, run, { scope: "dialog", enabled: !release.isPending });
  return (
    <Modal opened onClose={onClose} size="lg" title={t("reports:release.title", { name: name(of.authority) })} closeButtonProps={{ "aria-label": t("common:action.close") }}>
      <div className="page">
        {of.environment === "production" ? (
          <p>{t("reports:release.to_production", { name: name(of.authority), jurisdiction: of.jurisdiction })}</p>
        ) : (
          <Status kind="warn">{t(`reports:release.to_${of.environment}`)}</Status>
        )}
        {of.urgent && <Status kind="bad">{t("reports:release.urgent")}</Status>}
        <div>
          <p>{t("reports:release.told")}</p>
          <What whole={whole} document={document} />
        </div>
        <p>{follows}</p>
        {release.error && <Failure error={release.error} of="command" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t("common:action.cancel")}
          </Button>
          <Button onClick={run} loading={release.isPending}>
            {label}&nbsp;
            <Keys keys="mod+Enter" />
          </Button>
        </Group>
      </div>
    </Modal>
  );
}
