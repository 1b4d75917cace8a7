// Search everything that was judged before once more for all signals of this list.
import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api";
import { Failure, Section, notify } from "@/ui";
import { Note, Row, Stack } from "../parts";

export function Rescan({ list }: { list: Schemas["List"] }) {
  const { t } = useTranslation("lists");
  const client = useQueryClient();
  const [since, setSince] = useState("");
  const start = useMutation({
    mutationFn: () =>
      ask(api.POST("/v1/lists/{id}/rescan", { params: { path: { id: list.id } }, body: since === "" ? {} : { since } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["rescans"] });
      notify({ kind: "ok", text: t("rescan.done") });
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <Section title={t("rescan.title")}>
      <form onSubmit={send}>
        <Stack>
          <Note>{t("rescan.about")}</Note>
          {start.error && <Failure error={start.error} />}
          <Row>
            <TextInput type="date" label={t("rescan.since")} value={since} onChange={(event) => setSince(event.currentTarget.value)} />
            <Button type="submit" variant="default" mt="lg" loading={start.isPending}>
              {t("rescan.label")}
            </Button>
          </Row>
        </Stack>
      </form>
    </Section>
  );
}
