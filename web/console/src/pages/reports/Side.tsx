// What stands beside the document: receipt, files, prior reports, notes.
import { Button, NativeSelect, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, commandHeader, useCommand, type Schemas } from "@/api";
import { Failure, Section, Status, Time, notify, useFormats, useProblemText } from "@/ui";
import { Facts, Mono, Stack, Who } from "../parts";
import { saveBlob } from "../parts/save";
import { Attest } from "./Attest";
import { useReportsChanged } from "./queries";
import styles from "./reports.module.css";
import { countsAsFiled, shortId, type ReportWhole } from "./words";

export function Receipt({ whole }: { whole: ReportWhole }) {
  const { t } = useTranslation("reports");
  const problemText = useProblemText();
  const { receipt, report } = whole;
  const fetchRaw = useMutation({
    mutationFn: () => ask(api.GET("/v1/reports/{id}/receipt", { params: { path: { id: report.id } }, parseAs: "blob" })) as unknown as Promise<Blob>,
    onSuccess: (blob) => saveBlob(`receipt-${receipt?.reference ?? shortId(report.id)}${receipt?.simulated === true ? "-SIMULATED" : ""}.xml`, blob),
    onError: (error) => notify({ kind: "bad", text: problemText(error as never) }),
  });
  if (!receipt) {
    return null;
  }
  const isFiled = countsAsFiled(report, receipt);
  return (
    <Section title={t("receipt.title")}>
      <Stack>
        <Status kind={isFiled ? "ok" : "warn"}>
          <b>{isFiled ? t("receipt.filed") : receipt.simulated || report.environment === "simulated" ? t("receipt.simulated") : t("receipt.test")}</b>
        </Status>
        <Facts
          rows={[
            [t("column.reference"), <Mono key="reference">{receipt.reference}</Mono>],
            [t("receipt.how"), t(`receipt.by.${receipt.how}`)],
            [t("receipt.at"), <Time key="at" at={receipt.at} />],
            [t("receipt.files"), receipt.file_ids.length > 0 && String(receipt.file_ids.length)],
          ]}
        />
        {receipt.how !== "by_hand" && (
          <div>
            <Button variant="default" loading={fetchRaw.isPending} onClick={() => fetchRaw.mutate()}>
              {t("receipt.raw")}
            </Button>
          </div>
        )}
      </Stack>
    </Section>
  );
}

export function Files({ whole }: { whole: ReportWhole }) {
  const { t } = useTranslation("reports");
  const formats = useFormats();
  const { files, attestations } = whole;
  return files.length === 0 ? null : (
    <Section title={t("files.title", { count: files.length })}>
      <ul className={styles.plain}>
        {files.map((file) => (
          <li key={file.number}>
            {t("files.one", { number: file.number + 1 })} <span className="dim">{formats.bytes(file.size_bytes)}</span>
            {attestations
              .filter((each) => each.content === file.content)
              .map((each) => (
                <div key={each.id} className={styles.said}>
                  {t(`attest.said.${each.what}`)} <Time at={each.viewed_at} />
                  <span className="dim">
                    {" "}
                    {each.reference}, <Who who={each.by} name={each.by_name} />
                  </span>
                </div>
              ))}
          </li>
        ))}
      </ul>
      {whole.can.includes("attest") && <Attest whole={whole} />}
    </Section>
  );
}

export function Prior({ whole }: { whole: ReportWhole }) {
  const { t } = useTranslation("reports");
  return whole.prior.length === 0 ? null : (
    <Section title={t("prior.title")}>
      <p className="dim">{t("prior.about", { count: whole.prior.length })}</p>
      <ul className={styles.plain}>
        {whole.prior.map((each) => (
          <li key={each}>
            <Mono>{each}</Mono>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const noteKinds = ["note", "feedback"] as const;

function AddNote({ whole }: { whole: ReportWhole }) {
  const { t } = useTranslation("reports");
  const changed = useReportsChanged();
  const [kind, setKind] = useState<Schemas["ReportNoteRequest"]["kind"]>("note");
  const [text, setText] = useState("");
  const add = useCommand(
    (body: Schemas["ReportNoteRequest"], key) =>
      ask(api.POST("/v1/reports/{id}/notes", { params: { path: { id: whole.report.id }, header: commandHeader(key) }, body })),
    { onSuccess: () => setText(""), onSettled: changed },
  );
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "") {
      add.mutate({ version: whole.report.version, kind, text: text.trim() });
    }
  };
  return (
    <form className={styles.note} onSubmit={send}>
      <NativeSelect
        size="xs"
        label={t("note.kind")}
        value={kind}
        onChange={(event) => setKind(noteKinds.find((each) => each === event.currentTarget.value) ?? "note")}
        data={noteKinds.map((each) => ({ value: each, label: t(`note.of.${each}`) }))}
      />
      <Textarea size="xs" label={t("note.text")} autosize minRows={2} maxRows={8} maxLength={4000} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      {add.error && <Failure error={add.error} of="command" />}
      <div>
        <Button type="submit" variant="default" loading={add.isPending} disabled={text.trim() === ""}>
          {t("note.add")}
        </Button>
      </div>
    </form>
  );
}

export function Notes({ whole }: { whole: ReportWhole }) {
  const { t } = useTranslation("reports");
  return (
    <Section title={t("note.title")}>
      <ul className={styles.plain}>
        {whole.notes.map((each) => (
          <li key={each.number}>
            <b>{t(`note.of.${each.kind}`)}</b>
            <p className={styles.typed}>{each.text}</p>
            <span className="dim">
              <Who who={each.by} name={each.by_name} /> <Time at={each.at} />
            </span>
          </li>
        ))}
      </ul>
      {whole.can.includes("note") && <AddNote whole={whole} />}
    </Section>
  );
}
