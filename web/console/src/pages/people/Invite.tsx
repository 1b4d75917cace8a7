// Inviting somebody: a name and a role. The person sets the password; nobody sets it for them.
import { Button, Group, Modal, Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api";
import { Failure } from "@/ui";
import { EMAIL_MAX, Note, isEmail } from "../parts";
import { roles, type Role } from "./Roles";

const NAME = /^[a-z0-9][a-z0-9._@+-]{0,63}$/;

export function Invite({ onInvited }: { onInvited: (to: Schemas["Invited"]) => void }) {
  const { t } = useTranslation(["people", "common"]);
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("reviewer");
  const [email, setEmail] = useState("");
  const invite = useMutation({
    mutationFn: () => ask(api.POST("/v1/people", { body: { name, role, ...(email === "" ? {} : { email }) } })),
    onSuccess: (to) => {
      void client.invalidateQueries({ queryKey: ["people"] });
      setOpen(false);
      setName("");
      setEmail("");
      onInvited(to);
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  const wrong = name !== "" && !NAME.test(name);
  const badEmail = email !== "" && !isEmail(email);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("invite.label")}</Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t("invite.title")} closeButtonProps={{ "aria-label": t("common:action.close") }}>
        <form className="page" onSubmit={send}>
          <TextInput
            label={t("column.name")}
            description={t("invite.name")}
            value={name}
            maxLength={64}
            error={wrong ? t("invite.wrong") : undefined}
            onChange={(event) => setName(event.currentTarget.value)}
            required
            withAsterisk={false}
            data-autofocus
          />
          <Select
            label={t("column.role")}
            data={roles.filter((each) => each !== "solo").map((each) => ({ value: each, label: t(`common:role.${each}`) }))}
            value={role}
            onChange={(value) => setRole(roles.find((each) => each === value) ?? role)}
          />
          <Note>{t(`may.${role}`)}</Note>
          <TextInput
            label={t("invite.email")}
            description={t("email.about")}
            value={email}
            maxLength={EMAIL_MAX}
            autoComplete="off"
            error={badEmail ? t("email.wrong") : undefined}
            onChange={(event) => setEmail(event.currentTarget.value.trim())}
          />
          {invite.error && <Failure error={invite.error} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={() => setOpen(false)}>
              {t("common:action.cancel")}
            </Button>
            <Button type="submit" loading={invite.isPending} disabled={name === "" || wrong || badEmail}>
              {t("invite.label")}
            </Button>
          </Group>
        </form>
      </Modal>
    </>
  );
}
