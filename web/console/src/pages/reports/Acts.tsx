// What can be done with a report now: as the server says, and what is not possible now says why.
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router-dom";
import { api, ask, commandHeader, useCommand, useMe, type ApiError, type Schemas } from "@/api";
import { Failure, Keys, Tip, notify, useProblemText, useShortcut } from "@/ui";
import { Ask } from "../parts";
import { saveText } from "../parts/save";
import { useReportsChanged } from "./queries";
import { Release } from "./Release";
import styles from "./reports.module.css";
import type { Editor } from "./useEditor";
import { isOwnAsk, shortId, useAuthorityName, type ReportDocument, type ReportWhole } from "./words";

interface ActsProps {
  whole: ReportWhole;
  document: ReportDocument;
  editor: Editor;
}

/** Why it cannot be released now; undefined: it can. */
function useWhyNot({ whole, document, editor }: ActsProps): string | undefined {
  const { t } = useTranslation("reports");
  const me = useMe();
  if (editor.isChanged) {
    return t("why_not.unsaved");
  }
  if (isOwnAsk(whole.report, me.principal) && me.role !== "solo") {
    return t("why_not.own");
  }
  if (document.problems.length > 0) {
    return t("why_not.missing", { count: document.problems.length });
  }
  return document.facts_changed.length > 0 ? t("why_not.facts") : undefined;
}

function ReleaseButton(props: ActsProps) {
  const { t } = useTranslation("reports");
  const [open, setOpen] = useState(false);
  const why = useWhyNot(props);
  const label = props.whole.report.state === "asked" ? t("release.second_button") : t("release.button");
  useShortcut("r", label, () => setOpen(true), { enabled: why === undefined });
  const button = (
    <Button aria-disabled={why !== undefined} data-disabled={why !== undefined || undefined} onClick={() => why === undefined && setOpen(true)}>
      {label}&nbsp;
      <Keys keys="r" />
    </Button>
  );
  return (
    <>
      {why === undefined ? button : <Tip label={why}>{button}</Tip>}
      {open && <Release whole={props.whole} document={props.document} onClose={() => setOpen(false)} />}
    </>
  );
}

function useActs(whole: ReportWhole) {
  const { t } = useTranslation("reports");
  const changed = useReportsChanged();
  const navigate = useNavigate();
  const { id, version } = whole.report;
  const at = (key: string) => ({ path: { id }, header: commandHeader(key) });
  const said = (text: string) => ({ onSuccess: () => notify({ kind: "ok", text }), onSettled: changed });
  const withdraw = useCommand(
    (body: Schemas["ReasonedReport"], key) => ask(api.POST("/v1/reports/{id}/withdraw", { params: at(key), body })),
    said(t("withdraw.done")),
  );
  const retry = useCommand((body: Schemas["ReportCommand"], key) => ask(api.POST("/v1/reports/{id}/retry", { params: at(key), body })), said(t("retry.done")));
  const filed = useCommand(
    (body: Schemas["ReferencedReport"], key) => ask(api.POST("/v1/reports/{id}/filed", { params: at(key), body })),
    said(t("filed.done")),
  );
  const correct = useCommand(
    (body: Schemas["ReasonedReport"], key) => ask(api.POST("/v1/reports/{id}/correction", { params: at(key), body })),
    {
      onSuccess: (made) => {
        notify({ kind: "ok", text: t("correct.done") });
        navigate(`/reports/${made.report.id}`);
      },
      onSettled: changed,
    },
  );
  return {
    withdraw: (reason: string) => withdraw.mutateAsync({ version, reason }),
    retry: { run: () => retry.mutate({ version }), busy: retry.isPending, error: retry.error },
    filed: (reference: string) => filed.mutateAsync({ version, reference }),
    correct: (reason: string) => correct.mutateAsync({ version, reason }),
  };
}

function Xml({ whole, document }: Omit<ActsProps, "editor">) {
  const { t } = useTranslation("reports");
  const problemText = useProblemText();
  const { id } = whole.report;
  const get = useMutation<string, ApiError>({
    mutationFn: () => ask(api.GET("/v1/reports/{id}/xml", { params: { path: { id } }, parseAs: "text" })),
    onSuccess: (text) => saveText(`report-${shortId(id)}.xml`, "application/xml", text),
    onError: (error) => notify({ kind: "bad", text: problemText(error) }),
  });
  const cannot = document.problems.length > 0;
  const button = (
    <Button variant="default" loading={get.isPending} aria-disabled={cannot} data-disabled={cannot || undefined} onClick={() => !cannot && get.mutate()}>
      {t("xml")}
    </Button>
  );
  return cannot ? <Tip label={t("xml_not")}>{button}</Tip> : button;
}

export function Acts(props: ActsProps) {
  const { whole, document } = props;
  const { t } = useTranslation("reports");
  const nameOf = useAuthorityName();
  const acts = useActs(whole);
  const of = whole.report;
  const may = (word: ReportWhole["can"][number]) => whole.can.includes(word);
  const page = `/v1/reports/${of.id}/page`;
  useShortcut("p", t("page"), () => window.open(page, "_blank", "noopener"));
  return (
    <>
      {acts.retry.error && <Failure error={acts.retry.error} of="command" />}
      <div className={styles.acts} role="group" aria-label={t("acts")}>
        {may("release") && <ReleaseButton {...props} />}
        {may("retry") && (
          <Button loading={acts.retry.busy} onClick={acts.retry.run}>
            {t("retry.button")}
          </Button>
        )}
        <Button component="a" variant="default" href={page} target="_blank" rel="noopener">
          {t("page")}&nbsp;
          <Keys keys="p" />
        </Button>
        <Xml whole={whole} document={document} />
        {may("file_by_hand") && (
          <Ask
            label={t("filed.button")}
            title={t("filed.title", { name: nameOf(of.authority) })}
            consequence={t("filed.consequence")}
            field={t("filed.reference")}
            hint={t("filed.hint")}
            longest={128}
            run={acts.filed}
          />
        )}
        {may("correct") && (
          <Ask label={t("correct.button")} title={t("correct.title")} consequence={t("correct.consequence")} field={t("correct.reason")} longest={1000} long run={acts.correct} />
        )}
        {may("withdraw") && (
          <Ask
            label={t("withdraw.button")}
            title={t("withdraw.title")}
            consequence={t("withdraw.consequence")}
            field={t("withdraw.reason")}
            longest={1000}
            long
            danger
            run={acts.withdraw}
          />
        )}
      </div>
    </>
  );
}
