// From import to matching: a dry run over what was scanned before, then consent, which says in a
// sentence who may give it and what is missing.
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, useMe, type Schemas } from "@/api";
import { ConfirmButton, Failure, Section, Status, Time, notify, useFormats } from "@/ui";
import { Busy, Facts, Note, Row, Stack } from "../parts";
import { consentOf } from "./health";

type List = Schemas["List"];

interface Answer {
  state: "active" | "needs_second_person" | "waiting";
  active_from?: string;
}

/** The server keeps the latest dry run but does not tell it: this browser shows the one it asked for. */
function useDryRun(id: string) {
  const client = useQueryClient();
  const key = ["lists", id, "dry-run"];
  const kept = useQuery<Schemas["DryRun"] | null>({ queryKey: key, queryFn: () => null, enabled: false, staleTime: Infinity, gcTime: Infinity });
  const run = useMutation({
    mutationFn: () => ask(api.POST("/v1/lists/{id}/dry-run", { params: { path: { id } }, body: { limit: 10_000 } })),
    onSuccess: (result) => client.setQueryData(key, result),
  });
  return { last: kept.data ?? undefined, run };
}

function DryRunResult({ result, list }: { result: Schemas["DryRun"]; list: List }) {
  const { t } = useTranslation("lists");
  const formats = useFormats();
  const share = result.sample_size === 0 ? undefined : result.matched / result.sample_size;
  return (
    <Stack>
      {result.list_version !== list.version && <Status kind="warn">{t("dry.old")}</Status>}
      <Facts
        rows={[
          [t("dry.sample"), formats.number(result.sample_size)],
          [
            t("dry.matched"),
            share === undefined ? formats.number(result.matched) : `${formats.number(result.matched)} (${formats.percent(share)})`,
          ],
          [t("dry.unscannable"), formats.number(result.unscannable)],
          [t("dry.at"), <Time key="at" at={result.at} />],
        ]}
      />
      {share !== undefined && share > 0.01 && <Status kind="warn">{t("dry.many")}</Status>}
    </Stack>
  );
}

function Said({ answer }: { answer: Answer }) {
  const { t } = useTranslation("lists");
  if (answer.state === "active") {
    return <Status kind="ok">{t("consent.active")}</Status>;
  }
  return (
    <Status kind="busy">
      {answer.state === "waiting" ? t("consent.waiting") : t("consent.second")}{" "}
      {answer.active_from !== undefined && <Time at={answer.active_from} />}
    </Status>
  );
}

export function Activation({ list }: { list: List }) {
  const { t } = useTranslation("lists");
  const me = useMe();
  const client = useQueryClient();
  const { last, run } = useDryRun(list.id);
  const [answer, setAnswer] = useState<Answer>();
  const consent = useMutation<Answer>({
    mutationFn: () => ask(api.POST("/v1/lists/{id}/activate", { params: { path: { id: list.id } } })),
    onSuccess: (to) => {
      setAnswer(to);
      for (const key of ["lists", "rescans", "overview"]) {
        void client.invalidateQueries({ queryKey: [key] });
      }
      notify({ kind: "ok", text: to.state === "active" ? t("consent.active") : t("consent.counts") });
    },
  });
  const rule = consentOf(list.purpose, me.role);
  return (
    <Section title={t("dry.title")}>
      <Stack>
        <p>{t("dry.about")}</p>
        <Row>
          <Button variant="default" loading={run.isPending} onClick={() => run.mutate()}>
            {t("dry.run")}
          </Button>
          {run.isPending && <Busy label={t("dry.running")} />}
        </Row>
        {run.error && <Failure error={run.error} />}
        {last && <DryRunResult result={last} list={list} />}
        {list.state === "inactive" && (
          <>
            <p>{t(`consent.rule_${rule}`)}</p>
            <Note>{t("consent.then")}</Note>
            {answer && <Said answer={answer} />}
            {consent.error && <Failure error={consent.error} />}
            <Row>
              <ConfirmButton
                label={t("consent.label")}
                title={t("consent.title", { name: list.name })}
                consequence={
                  <Stack>
                    <p>{t(`consent.rule_${rule}`)}</p>
                    <p>{t("consent.text", { count: list.signal_count, action: t(`action.${list.action}`) })}</p>
                    {list.automation && <p>{t("automation.yes")}</p>}
                  </Stack>
                }
                busy={consent.isPending}
                onConfirm={() => consent.mutate()}
              />
            </Row>
          </>
        )}
      </Stack>
    </Section>
  );
}
