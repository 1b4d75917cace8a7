// Limits of exposure, of one person or of all contractors: never above what is configured.
import { Button, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, useMay, type Schemas } from "@/api";
import { Failure, Fetched, Section, Table, notify, useFormats } from "@/ui";
import { Note, Row, Stack, useNames } from "../parts";

type Limit = Schemas["ExposureLimit"];

const key = ["exposure", "limits"] as const;
const CONTRACTORS = "role:contractor";

function useSubjectText(): (subject: string) => string {
  const { t } = useTranslation("people");
  const nameOf = useNames();
  return (subject) => (subject === CONTRACTORS ? t("limits.contractors") : (nameOf(subject) ?? subject));
}

function Lower({ limits }: { limits: readonly Limit[] }) {
  const { t } = useTranslation("people");
  const formats = useFormats();
  const client = useQueryClient();
  const may = useMay();
  const subjectText = useSubjectText();
  const people = useQuery<Schemas["People"]>({
    queryKey: ["people"],
    queryFn: ({ signal }) => ask(api.GET("/v1/people", { signal })),
    enabled: may("people_manage"),
  });
  const [subject, setSubject] = useState(CONTRACTORS);
  const [points, setPoints] = useState("");
  const before = limits.find((each) => each.subject === subject)?.points_per_shift;
  const wanted = /^\d{1,7}$/.test(points) ? Number(points) : 0;
  const lower = useMutation({
    mutationFn: () => ask(api.PUT("/v1/exposure/limits", { body: { subject, points_per_shift: wanted } })),
    onSuccess: (list) => {
      client.setQueryData(key, list);
      setPoints("");
      notify({ kind: "ok", text: t("limits.done", { who: subjectText(subject), points: formats.number(wanted) }) });
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    lower.mutate();
  };
  const subjects = [
    { value: CONTRACTORS, label: t("limits.contractors") },
    ...(people.data?.items ?? [])
      .filter((each) => each.state !== "disabled" && ["reviewer", "contractor", "lead", "solo"].includes(each.role))
      .map((each) => ({ value: `person:${each.id}`, label: each.name })),
  ];
  return (
    <Section title={t("limits.lower")}>
      <Stack>
        <form onSubmit={send}>
          <Row>
            <Select label={t("limits.who")} w={260} data={subjects} value={subject} onChange={(value) => setSubject(value ?? subject)} />
            <TextInput
              label={t("limits.points")}
              inputMode="numeric"
              w={160}
              value={points}
              onChange={(event) => setPoints(event.currentTarget.value)}
              placeholder={before === undefined ? "" : formats.number(before)}
            />
            <Button type="submit" mt="lg" loading={lower.isPending} disabled={wanted < 1}>
              {t("limits.set")}
            </Button>
          </Row>
        </form>
        {lower.error && <Failure error={lower.error} />}
        <Note>{t("limits.only")}</Note>
      </Stack>
    </Section>
  );
}

export function Limits() {
  const { t } = useTranslation("people");
  const formats = useFormats();
  const may = useMay();
  const subjectText = useSubjectText();
  const reads = may("exposure_team");
  const query = useQuery<Schemas["LimitList"]>({
    queryKey: key,
    queryFn: ({ signal }) => ask(api.GET("/v1/exposure/limits", { signal })),
    enabled: reads,
  });
  const table = (list: Schemas["LimitList"]) => (
    <Table
      name="limits"
      label={t("limits.title")}
      columns={[
        { id: "who", label: t("limits.who"), cell: (row: Limit) => subjectText(row.subject), fixed: true },
        { id: "points", label: t("limits.points"), cell: (row: Limit) => formats.number(row.points_per_shift), number: true, fixed: true },
      ]}
      rows={list.items}
      rowKey={(row) => row.subject}
      empty={{ title: t("limits.empty.title"), text: t("limits.empty.text") }}
    />
  );
  return (
    <>
      {may("exposure_limit") && <Lower limits={query.data?.items ?? []} />}
      <Section title={t("limits.now")}>
        {reads ? (
          <Fetched query={query}>{table}</Fetched>
        ) : query.data ? (
          table(query.data)
        ) : (
          <Note>{t("limits.unread")}</Note>
        )}
      </Section>
    </>
  );
}
