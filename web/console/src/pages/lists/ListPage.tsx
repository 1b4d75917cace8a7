// One list: what it is, how it is, and the steps of its life in their order.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router-dom";
import { api, ask, useMay, type Schemas } from "@/api";
import { ConfirmButton, Failure, Fetched, Page, Section, Time, notify, useFormats } from "@/ui";
import { Facts, Note, Row, Stack } from "../parts";
import { Activation } from "./Activation";
import { HealthWord } from "./HealthWord";
import { Import } from "./Import";
import { MatchAction } from "./MatchAction";
import { Rescan } from "./Rescan";
import { Rescans } from "./Rescans";
import { healthOf, withdrawalsOf } from "./health";
import { useList, useListStats, useRescans } from "./queries";

type List = Schemas["List"];

const kinds = ["pdq", "md5", "sha1", "sha256"] as const;

function What({ list }: { list: List }) {
  const { t } = useTranslation("lists");
  const formats = useFormats();
  const counted = useListStats().data?.items.find((each) => each.id === list.id);
  const withdrawn = withdrawalsOf(useRescans().data?.items ?? []).get(list.id);
  const health = healthOf({ list, newest: counted?.newest_signal_at, withdrawn, now: Date.now() });
  const signals = counted
    ? formats.list(kinds.filter((kind) => counted.signals[kind] > 0).map((kind) => `${formats.number(counted.signals[kind])} ${t(`kind.${kind}`)}`))
    : "";
  return (
    <Section title={t("what")}>
      <Facts
        rows={[
          [t("column.health"), <HealthWord key="health" health={health} />],
          [t("health.about"), t(`healthy.${health}`, { signals: formats.number(withdrawn?.signals ?? 0) })],
          [t("column.signals"), `${formats.number(list.signal_count)}${signals === "" ? "" : ` (${signals})`}`],
          [t("column.newest"), counted?.newest_signal_at !== undefined && <Time key="newest" at={counted.newest_signal_at} />],
          [t("column.purpose"), t(`purpose.${list.purpose}`)],
          [t("column.classification"), list.classification],
          [t("column.source"), list.source],
          [t("column.provenance"), list.provenance],
          [t("column.process"), list.legal_process],
          [t("column.action"), t(`action.${list.action}`)],
          [t("column.automation"), list.automation ? t("automation.yes") : t("automation.no")],
          [t("column.distance"), t("distance", { count: list.pdq_distance_max })],
          [t("column.version"), formats.number(list.version)],
          [t("column.changed"), <Time key="changed" at={list.updated_at} />],
        ]}
      />
    </Section>
  );
}

function Ends({ list }: { list: List }) {
  const { t } = useTranslation("lists");
  const client = useQueryClient();
  const navigate = useNavigate();
  const params = { params: { path: { id: list.id } } };
  const changed = () => {
    for (const key of ["lists", "rescans", "overview"]) {
      void client.invalidateQueries({ queryKey: [key] });
    }
  };
  const deactivate = useMutation({
    mutationFn: () => ask(api.POST("/v1/lists/{id}/deactivate", params)),
    onSuccess: () => {
      changed();
      notify({ kind: "ok", text: t("deactivate.done", { name: list.name }) });
    },
  });
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE("/v1/lists/{id}", params)),
    onSuccess: () => {
      navigate("/lists");
      changed();
      notify({ kind: "ok", text: t("remove.done", { name: list.name }) });
    },
  });
  return (
    <Section title={t("ends")}>
      <Stack>
        {deactivate.error && <Failure error={deactivate.error} />}
        {remove.error && <Failure error={remove.error} />}
        <Row>
          {list.state === "active" && (
            <ConfirmButton
              label={t("deactivate.label")}
              title={t("deactivate.title", { name: list.name })}
              consequence={t("deactivate.text", { count: list.signal_count })}
              busy={deactivate.isPending}
              onConfirm={() => deactivate.mutate()}
            />
          )}
          <ConfirmButton
            label={t("remove.label")}
            title={t("remove.title", { name: list.name })}
            consequence={t("remove.text", { count: list.signal_count })}
            busy={remove.isPending}
            onConfirm={() => remove.mutate()}
          />
        </Row>
      </Stack>
    </Section>
  );
}

export function ListPage({ nav }: { nav: ReactNode }) {
  const { t } = useTranslation("lists");
  const may = useMay();
  const { id = "" } = useParams();
  const query = useList(id);
  return (
    <Page title={query.data?.name ?? t("one")}>
      {nav}
      <Fetched query={query}>
        {(list) => (
          <>
            <div className="columns">
              <What list={list} />
              {may("lists_change") ? (
                <Stack>
                  <Activation list={list} />
                  <Import list={list} />
                  {list.state === "active" && <Rescan list={list} />}
                  <MatchAction key={list.action} list={list} />
                  <Ends list={list} />
                </Stack>
              ) : (
                <Note>{t("readers")}</Note>
              )}
            </div>
            <Section title={t("rescans.title")}>
              <Rescans of={list.id} />
            </Section>
          </>
        )}
      </Fetched>
    </Page>
  );
}
