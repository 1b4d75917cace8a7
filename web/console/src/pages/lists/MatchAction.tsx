// What a match on this list does: the one thing that changes without a new consent.
import { Select } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api";
import { ConfirmButton, Failure, Section, notify } from "@/ui";
import { Row, Stack } from "../parts";

const actions = ["pass", "hold", "quarantine", "case"] as const;

export function MatchAction({ list }: { list: Schemas["List"] }) {
  const { t } = useTranslation("lists");
  const client = useQueryClient();
  const [action, setAction] = useState(list.action);
  const change = useMutation({
    mutationFn: () => ask(api.PATCH("/v1/lists/{id}", { params: { path: { id: list.id } }, body: { action } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["lists"] });
      notify({ kind: "ok", text: t("match.done") });
    },
  });
  const testing = list.purpose === "test" || list.purpose === "canary";
  return (
    <Section title={t("match.title")}>
      <Stack>
        {change.error && <Failure error={change.error} />}
        <Row>
          <Select
            aria-label={t("column.action")}
            w={280}
            data={actions.filter((each) => each !== "pass" || testing).map((each) => ({ value: each, label: t(`action.${each}`) }))}
            value={action}
            onChange={(value) => setAction(actions.find((each) => each === value) ?? action)}
          />
          {action !== list.action && (
            <ConfirmButton
              label={t("match.label")}
              title={t("match.sure", { name: list.name })}
              consequence={t("match.text", { before: t(`action.${list.action}`), after: t(`action.${action}`) })}
              busy={change.isPending}
              onConfirm={() => change.mutate()}
            />
          )}
        </Row>
      </Stack>
    </Section>
  );
}
