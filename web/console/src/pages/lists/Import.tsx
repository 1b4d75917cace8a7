// Signals from a file: all good or nothing; the lines that are not are named, and the good ones can
// be taken alone.
import { Button, FileInput, Select } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ApiError, type Schemas } from "@/api";
import { Failure, Section, Status, Table, notify, useFormats } from "@/ui";
import { Busy, Facts, Note, Row, Stack } from "../parts";

const BYTES_MAX = 64 * 1024 * 1024;
const kinds = ["pdq", "md5", "sha1", "sha256"] as const;
type Kind = (typeof kinds)[number];

interface Sent {
  text: string;
  skip: boolean;
}

function BadLines({ lines, bad }: { lines: readonly Schemas["BadLine"][]; bad: number }) {
  const { t } = useTranslation("lists");
  const formats = useFormats();
  return (
    <Stack>
      <Status kind="warn">{t("import.bad", { count: bad })}</Status>
      <Table
        name="bad-lines"
        label={t("import.bad_lines")}
        columns={[
          { id: "line", label: t("import.line"), cell: (row: Schemas["BadLine"]) => formats.number(row.line), number: true, fixed: true },
          { id: "why", label: t("import.why"), cell: (row: Schemas["BadLine"]) => row.why, fixed: true },
        ]}
        rows={lines}
        rowKey={(row) => String(row.line)}
        empty={{ title: "" }}
        keys={false}
      />
      {lines.length < bad && <Note>{t("import.first", { count: lines.length })}</Note>}
    </Stack>
  );
}

export function Import({ list }: { list: Schemas["List"] }) {
  const { t } = useTranslation("lists");
  const formats = useFormats();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [kind, setKind] = useState<Kind | "">("");
  const send = useMutation<Schemas["Import"], Error, Sent>({
    mutationFn: ({ text, skip }) =>
      ask(
        api.POST("/v1/lists/{id}/import", {
          params: { path: { id: list.id }, query: { skip_bad: skip, ...(kind === "" ? {} : { kind }) } },
          body: text,
          bodySerializer: (body) => body,
          headers: { "Content-Type": "text/csv" },
        }),
      ),
    onSuccess: (done) => {
      setFile(null);
      for (const key of ["lists", "rescans", "overview"]) {
        void client.invalidateQueries({ queryKey: [key] });
      }
      notify({ kind: "ok", text: t("import.done", { count: done.added }) });
    },
  });
  const start = (skip: boolean) => {
    if (file) {
      void file.text().then((text) => send.mutate({ text, skip }));
    }
  };
  const problem = send.error instanceof ApiError ? send.error.problem : undefined;
  const lines = problem?.bad_lines ?? send.data?.bad_lines;
  const bad = problem?.bad ?? send.data?.bad ?? 0;
  const large = file !== null && file.size > BYTES_MAX;
  return (
    <Section title={t("import.title")}>
      <Stack>
        <Note>{list.state === "active" ? t("import.active") : t("import.about")}</Note>
        <Row>
          <FileInput
            label={t("import.file")}
            placeholder={t("import.choose")}
            accept=".csv,.txt,text/csv,text/plain"
            clearable
            clearButtonProps={{ "aria-label": t("import.clear") }}
            w={240}
            value={file}
            error={large ? t("import.large") : undefined}
            onChange={(chosen) => {
              setFile(chosen);
              send.reset();
            }}
          />
          <Select
            label={t("import.kind")}
            w={200}
            data={[{ value: "", label: t("import.by_length") }, ...kinds.map((each) => ({ value: each, label: t(`kind.${each}`) }))]}
            value={kind}
            onChange={(value) => setKind(kinds.find((each) => each === value) ?? "")}
          />
        </Row>
        <Row>
          <Button loading={send.isPending} disabled={file === null || large} onClick={() => start(false)}>
            {t("import.label")}
          </Button>
          {send.isPending && <Busy label={t("import.sending", { size: formats.bytes(file?.size ?? 0) })} />}
        </Row>
        {send.error && <Failure error={send.error} />}
        {send.data && (
          <Facts
            rows={[
              [t("import.added"), formats.number(send.data.added)],
              [t("import.there"), formats.number(send.data.already_there)],
              [t("column.version"), formats.number(send.data.version)],
            ]}
          />
        )}
        {lines && bad > 0 && <BadLines lines={lines} bad={bad} />}
        {send.error && bad > 0 && (
          <Row>
            <Button variant="default" disabled={file === null} loading={send.isPending} onClick={() => start(true)}>
              {t("import.skip")}
            </Button>
          </Row>
        )}
      </Stack>
    </Section>
  );
}
