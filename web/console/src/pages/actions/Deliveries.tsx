// Messages that could not be delivered and wait for a person: why, and once more.
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api";
import { ConfirmButton, Failure, Fetched, Section, Table, Time, notify, useFormats, type Column } from "@/ui";
import { Note, Row, Steps } from "../parts";
import { useFailureText } from "./words";

type Delivery = Schemas["Delivery"];

const LIMIT = 200;
const topics = ["case_action", "signal_dispute", "report_correct"] as const;

function replay(id: number): Promise<Delivery> {
  return ask(api.POST("/v1/deliveries/{id}/replay", { params: { path: { id } } }));
}

interface Run {
  done: number;
  of: number;
}

export function Deliveries({ receiver }: { receiver: boolean }) {
  const { t } = useTranslation("actions");
  const formats = useFormats();
  const failureText = useFailureText();
  const client = useQueryClient();
  const [run, setRun] = useState<Run>();
  const query = useQuery<Schemas["DeliveryPage"]>({
    queryKey: ["deliveries"],
    queryFn: ({ signal }) => ask(api.GET("/v1/deliveries", { params: { query: { limit: LIMIT } }, signal })),
    refetchInterval: run ? false : 10_000,
  });
  // One after another: the order of messages about one thing stays, and a stop leaves a clean rest.
  const again = useMutation<number, Error, readonly Delivery[]>({
    mutationFn: async (items) => {
      let done = 0;
      for (const item of items) {
        setRun({ done, of: items.length });
        await replay(item.id);
        ++done;
      }
      return done;
    },
    onSuccess: (count) => notify({ kind: "ok", text: t("deliveries.replayed", { count, done: formats.number(count) }) }),
    onSettled: () => {
      setRun(undefined);
      for (const key of ["deliveries", "actions", "overview"]) {
        void client.invalidateQueries({ queryKey: [key] });
      }
    },
  });
  const columns: Column<Delivery>[] = [
    {
      id: "topic",
      label: t("deliveries.topic"),
      cell: (row) => {
        const topic = topics.find((each) => each === row.topic.replace(".", "_"));
        return topic === undefined ? row.topic : t(`topic.${topic}`);
      },
      fixed: true,
    },
    { id: "failure", label: t("column.failure"), cell: (row) => failureText(row.failure), fixed: true },
    { id: "attempts", label: t("deliveries.attempts"), cell: (row) => formats.number(row.attempts), number: true },
    { id: "at", label: t("column.at"), cell: (row) => <Time at={row.created_at} /> },
    { id: "id", label: t("deliveries.id"), cell: (row) => row.id, number: true, hidden: true },
    {
      id: "replay",
      label: t("deliveries.once_more"),
      cell: (row) => (
        <Button
          variant="default"
          aria-label={t("deliveries.replay_one", { id: row.id })}
          disabled={again.isPending}
          onClick={() => again.mutate([row])}
        >
          {t("deliveries.replay")}
        </Button>
      ),
      fixed: true,
    },
  ];
  return (
    <Section title={t("deliveries.title")}>
      <Fetched query={query}>
        {(page) => (
          <div className="page">
            <p>
              {t("deliveries.counts", { count: page.dead, dead: formats.number(page.dead), waiting: formats.number(page.waiting) })}
            </p>
            {again.error && <Failure error={again.error} />}
            {run && <Steps done={run.done} of={run.of} label={t("deliveries.running")} />}
            {page.items.length > 1 && receiver && (
              <Row>
                <ConfirmButton
                  label={t("deliveries.all", { count: page.items.length, items: formats.number(page.items.length) })}
                  title={t("deliveries.all_title")}
                  consequence={t("deliveries.all_text")}
                  busy={again.isPending}
                  onConfirm={() => again.mutate(page.items)}
                />
              </Row>
            )}
            <Table
              name="deliveries"
              label={t("deliveries.title")}
              columns={columns}
              rows={page.items}
              rowKey={(row) => String(row.id)}
              empty={{ title: t("deliveries.empty.title"), text: t("deliveries.empty.text") }}
              keys={false}
            />
            <Note>{t("deliveries.note")}</Note>
          </div>
        )}
      </Fetched>
    </Section>
  );
}
