// The document of a report: what is missing, what changed, the form, and saving.
import { Button, Checkbox } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, commandHeader, useCommand } from "@/api";
import { Failure, Fetched, Keys, Section, Status, notify, useShortcut } from "@/ui";
import { Changes } from "./Changes";
import { Form } from "./Form";
import { cleaned, type FormSpec, type JsonObject } from "./form";
import { usePathText } from "./labels";
import { useReportForm, useReportsChanged } from "./queries";
import styles from "./reports.module.css";
import type { Editor } from "./useEditor";
import type { ReportDocument, ReportWhole } from "./words";

interface DocumentProps {
  whole: ReportWhole;
  document: ReportDocument;
  editor: Editor;
}

function Missing({ document, editor, spec }: { document: ReportDocument; editor: Editor; spec: FormSpec }) {
  const { t } = useTranslation("reports");
  const pathText = usePathText(spec);
  const { problems } = document;
  const first = problems[0];
  useShortcut("m", t("missing.jump"), () => first && editor.jump(first.path), { enabled: first !== undefined });
  return (
    <Section title={t("missing.title")}>
      {problems.length === 0 ? (
        <Status kind="ok">{t("missing.nothing")}</Status>
      ) : (
        <>
          <p className={styles.lead}>
            {t("missing.some", { count: problems.length })} <Keys keys="m" />
          </p>
          <ul className={styles.problems}>
            {problems.map((each) => (
              <li key={each.path + each.code + each.message}>
                <button type="button" className={styles.jump} onClick={() => editor.jump(each.path)}>
                  {pathText(each.path) || each.path}
                </button>{" "}
                {each.message}
              </li>
            ))}
          </ul>
        </>
      )}
      {editor.isChanged && <p className="dim">{t("missing.as_saved")}</p>}
    </Section>
  );
}

function Differences({ whole, document, editor, spec }: DocumentProps & { spec: FormSpec }) {
  const { t } = useTranslation("reports");
  const changed = useReportsChanged();
  const refresh = useCommand(
    (version: number, key) =>
      ask(api.POST("/v1/reports/{id}/facts", { params: { path: { id: whole.report.id }, header: commandHeader(key) }, body: { version } })),
    { onSuccess: () => notify({ kind: "ok", text: t("facts.gathered") }), onSettled: changed },
  );
  const isDraft = whole.can.includes("edit");
  return (
    <>
      {document.facts_changed.length > 0 && (
        <Section title={t("facts.title")}>
          <Status kind="warn">{t("facts.changed", { count: document.facts_changed.length })}</Status>
          <Changes items={document.facts_changed} spec={spec} before={t("changes.written")} after={t("changes.known")} />
          {refresh.error && <Failure error={refresh.error} of="command" />}
          {isDraft && (
            <Button variant="default" loading={refresh.isPending} disabled={editor.isChanged} onClick={() => refresh.mutate(whole.report.version)}>
              {t("facts.gather")}
            </Button>
          )}
          {isDraft && editor.isChanged && <span className="dim"> {t("facts.save_first")}</span>}
        </Section>
      )}
    </>
  );
}

function Save({ whole, document, editor }: DocumentProps) {
  const { t } = useTranslation("reports");
  const client = useQueryClient();
  const changed = useReportsChanged();
  const { id } = whole.report;
  const save = useCommand(
    ({ body, version }: { body: JsonObject; version: number }, key) =>
      ask(
        api.PUT("/v1/reports/{id}/document", {
          params: { path: { id }, header: commandHeader(key) },
          body: { version, body: body as unknown as Record<string, never> },
        }),
      ),
    {
      onSuccess: (saved) => {
        client.setQueryData(["reports", "document", id], saved);
        editor.discard();
        const { length } = saved.problems;
        notify({ kind: length === 0 ? "ok" : "warn", text: length === 0 ? t("save.whole") : t("save.missing", { count: length }) });
      },
      onSettled: changed,
    },
  );
  // Over what somebody else saved, only when one was told of it.
  const version = editor.isBehind ? document.version : editor.version;
  const run = () => save.mutate({ body: cleaned(editor.body), version });
  const discard = () => {
    editor.discard();
    save.reset();
  };
  const canSave = editor.isChanged && !save.isPending;
  useShortcut("mod+Enter", t("save.save"), run, { enabled: canSave });
  return editor.isChanged || save.error ? (
    <div className={styles.save} role="group" aria-label={t("save.label")}>
      {save.error && <Failure error={save.error} of="command" />}
      {editor.isBehind && <Status kind="warn">{t("save.behind")}</Status>}
      <div className={styles.saveRow}>
        <Status kind="info">{t("save.unsaved")}</Status>
        <Button variant="default" onClick={discard}>
          {t("save.discard")}
        </Button>
        <Button onClick={run} loading={save.isPending} disabled={!editor.isChanged}>
          {editor.isBehind ? t("save.over") : t("save.save")}&nbsp;
          <Keys keys="mod+Enter" />
        </Button>
      </div>
    </div>
  ) : null;
}

function Paper({ whole, document, editor, spec }: DocumentProps & { spec: FormSpec }) {
  const { t } = useTranslation("reports");
  const [explained, explain] = useState(false);
  const writes = whole.can.includes("edit");
  const origins = useMemo(() => new Map(document.origins.map((each) => [each.path, each])), [document.origins]);
  return (
    <Section title={t("form.title")}>
      <div className={styles.formHead}>
        <span className="dim">{writes ? t("form.about") : t("form.about_read")}</span>
        {writes && <Checkbox label={t("form.explain")} checked={explained} onChange={(event) => explain(event.currentTarget.checked)} />}
      </div>
      <Form
        spec={spec}
        body={editor.body}
        base={editor.base}
        {...(writes ? { change: editor.change } : {})}
        problems={document.problems}
        origins={origins}
        isOpen={editor.isOpen}
        toggle={editor.toggle}
        explained={explained}
      />
    </Section>
  );
}

export function Document(props: DocumentProps) {
  const { whole } = props;
  const form = useReportForm();
  return (
    <Fetched query={form}>
      {(spec) => (
        <>
          {(whole.report.state === "draft" || whole.report.state === "asked" || props.document.problems.length > 0) && <Missing document={props.document} editor={props.editor} spec={spec} />}
          <Differences {...props} spec={spec} />
          <Paper {...props} spec={spec} />
          <LastChanges {...props} spec={spec} />
          <Save {...props} />
        </>
      )}
    </Fetched>
  );
}

function LastChanges({ document, spec }: DocumentProps & { spec: FormSpec }) {
  const { t } = useTranslation("reports");
  return document.number < 2 ? null : (
    <Section title={t("changes.title", { number: document.number })}>
      <Changes of={{ id: document.report, number: document.number }} spec={spec} before={t("changes.before")} after={t("changes.after")} />
    </Section>
  );
}
