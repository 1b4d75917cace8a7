// Somebody looked at a file outside of Tutela: said by whoever answers for it, with where that is
// recorded. It becomes a fact of the report.
import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, commandHeader, useCommand, type Schemas } from "@/api";
import { notify } from "@/ui";
import { Ask, momentOf } from "../parts";
import { useReportsChanged } from "./queries";
import type { ReportWhole } from "./words";

const kinds = ["file", "exif"] as const;

export function Attest({ whole }: { whole: ReportWhole }) {
  const { t } = useTranslation("reports");
  const changed = useReportsChanged();
  const { files, report } = whole;
  const [content, setContent] = useState(files[0]?.content ?? "");
  const [what, setWhat] = useState<Schemas["AttestViewRequest"]["what"]>("file");
  const [when, setWhen] = useState("");
  const viewedAt = momentOf(when);
  const attest = useCommand(
    (body: Schemas["AttestViewRequest"], key) =>
      ask(api.POST("/v1/reports/{id}/attestations", { params: { path: { id: report.id }, header: commandHeader(key) }, body })),
    { onSuccess: () => notify({ kind: "ok", text: t("attest.done") }), onSettled: changed },
  );
  return (
    <Ask
      label={t("attest.button")}
      title={t("attest.title")}
      consequence={t("attest.consequence")}
      field={t("attest.reference")}
      hint={t("attest.reference_hint")}
      longest={200}
      ready={viewedAt !== undefined}
      extra={
        <>
          <NativeSelect
            label={t("attest.file")}
            value={content}
            onChange={(event) => setContent(event.currentTarget.value)}
            data={files.map((each) => ({ value: each.content, label: t("files.one", { number: each.number + 1 }) }))}
          />
          <NativeSelect
            label={t("attest.what")}
            value={what}
            onChange={(event) => setWhat(kinds.find((each) => each === event.currentTarget.value) ?? "file")}
            data={kinds.map((each) => ({ value: each, label: t(`attest.of.${each}`) }))}
          />
          <TextInput type="datetime-local" label={t("attest.when")} value={when} onChange={(event) => setWhen(event.currentTarget.value)} required withAsterisk={false} />
        </>
      }
      run={(reference) => attest.mutateAsync({ version: report.version, content, what, reference, viewed_at: viewedAt ?? "" })}
    />
  );
}
