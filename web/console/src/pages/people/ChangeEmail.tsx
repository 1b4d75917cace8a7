// Where a person is written to when a promise is near its end; empty: nowhere.
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api";
import { Failure, notify } from "@/ui";
import { EMAIL_MAX, isEmail } from "../parts";

export function ChangeEmail({ person }: { person: Schemas["Person"] }) {
  const { t } = useTranslation(["people", "common"]);
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [email, setEmail] = useState(person.email ?? "");
  const change = useMutation({
    mutationFn: () => ask(api.PUT("/v1/people/{id}/email", { params: { path: { id: person.id } }, body: { email } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["people"] });
      setOpen(false);
      notify({ kind: "ok", text: email === "" ? t("email.removed", { name: person.name }) : t("email.done", { name: person.name }) });
    },
  });
  const wrong = email !== "" && !isEmail(email);
  const send = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {t("email.label")}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t("email.title", { name: person.name })} closeButtonProps={{ "aria-label": t("common:action.close") }}>
        <form className="page" onSubmit={send}>
          <TextInput
            label={t("column.email")}
            description={t("email.about")}
            value={email}
            maxLength={EMAIL_MAX}
            autoComplete="off"
            error={wrong ? t("email.wrong") : undefined}
            onChange={(event) => setEmail(event.currentTarget.value.trim())}
            data-autofocus
          />
          {change.error && <Failure error={change.error} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={() => setOpen(false)}>
              {t("common:action.cancel")}
            </Button>
            <Button type="submit" loading={change.isPending} disabled={wrong || email === (person.email ?? "")}>
              {t("email.save")}
            </Button>
          </Group>
        </form>
      </Modal>
    </>
  );
}
