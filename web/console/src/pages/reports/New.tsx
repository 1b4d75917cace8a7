// A draft of text alone: for what is not of a case, such as solicitation.
import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router-dom";
import { api, ask, useReportSummary, type ApiError, type Schemas } from "@/api";
import { Failure, Fetched, Page, Section, Status, notify } from "@/ui";
import { momentOf } from "../parts";
import { Phones } from "./Phones";
import { useReportForm, useReportsChanged } from "./queries";
import styles from "./reports.module.css";
import { useAuthorityName, type ReportSummary, type ReportWhole } from "./words";

function NewForm({ incidents, summary }: { incidents: readonly string[]; summary: ReportSummary }) {
  const { t } = useTranslation("reports");
  const navigate = useNavigate();
  const changed = useReportsChanged();
  const nameOf = useAuthorityName();
  const [incident, setIncident] = useState("");
  const [when, setWhen] = useState("");
  const [account, setAccount] = useState("");
  const [authority, setAuthority] = useState("");
  const [urgent, setUrgent] = useState(false);
  const create = useMutation<ReportWhole, ApiError, Schemas["NewReport"]>({
    mutationFn: (body) => ask(api.POST("/v1/reports", { body })),
    onSuccess: (made) => {
      notify({ kind: "ok", text: t("new.made") });
      navigate(`/reports/${made.report.id}`);
    },
    onSettled: changed,
  });
  const at = momentOf(when);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (incident === "" || at === undefined) {
      return;
    }
    create.mutate({
      incident_type: incident,
      incident_at: at,
      urgent,
      ...(account.trim() === "" ? {} : { account: account.trim() }),
      ...(authority === "" ? {} : { authority }),
    });
  };
  return (
    <Section title={t("new.section")}>
      <form className={styles.newForm} onSubmit={send}>
        <NativeSelect
          label={t("new.incident")}
          description={t("new.incident_about")}
          value={incident}
          onChange={(event) => setIncident(event.currentTarget.value)}
          data={[{ value: "", label: t("new.choose") }, ...incidents]}
          required
          withAsterisk={false}
        />
        <TextInput type="datetime-local" label={t("new.when")} description={t("new.when_about")} value={when} onChange={(event) => setWhen(event.currentTarget.value)} required withAsterisk={false} />
        <TextInput label={t("new.account")} description={t("new.account_about")} maxLength={256} value={account} onChange={(event) => setAccount(event.currentTarget.value)} />
        <NativeSelect
          label={t("column.authority")}
          value={authority}
          onChange={(event) => setAuthority(event.currentTarget.value)}
          data={[{ value: "", label: t("new.by_route") }, ...summary.authorities.map((each) => ({ value: each.name, label: `${nameOf(each.name)} (${t(`environment.${each.environment}`)})` }))]}
        />
        <Checkbox label={t("new.urgent")} description={t("new.urgent_about")} checked={urgent} onChange={(event) => setUrgent(event.currentTarget.checked)} />
        {urgent && (
          <div className={styles.notice} data-kind="bad">
            <Status kind="bad">{t("notice.urgent_text")}</Status>
            <Phones phones={summary.phones} />
          </div>
        )}
        {create.error && <Failure error={create.error} />}
        <div>
          <Button type="submit" loading={create.isPending} disabled={incident === "" || at === undefined}>
            {t("new.create")}
          </Button>
        </div>
      </form>
    </Section>
  );
}

export function New({ nav }: { nav: ReactNode }) {
  const { t } = useTranslation("reports");
  const form = useReportForm();
  const summary = useReportSummary();
  return (
    <Page title={t("new.title")} about={t("new.about")}>
      {nav}
      <Fetched query={form}>{(spec) => <Fetched query={summary}>{(data) => <NewForm incidents={spec.words.incidentType ?? []} summary={data} />}</Fetched>}</Fetched>
    </Page>
  );
}
