// Another role: what it takes away and gives is written out before.
import { Button, Group, Modal, Select } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api";
import { Failure, notify } from "@/ui";
import { Facts } from "../parts";
import { roles } from "./Roles";

export function ChangeRole({ person }: { person: Schemas["Person"] }) {
  const { t } = useTranslation(["people", "common"]);
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [role, setRole] = useState(person.role);
  const change = useMutation({
    mutationFn: () => ask(api.PATCH("/v1/people/{id}", { params: { path: { id: person.id } }, body: { role } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["people"] });
      setOpen(false);
      notify({ kind: "ok", text: t("role.done", { name: person.name, role: t(`common:role.${role}`) }) });
    },
  });
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {t("role.label")}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t("role.title", { name: person.name })} closeButtonProps={{ "aria-label": t("common:action.close") }}>
        <div className="page">
          <Select
            label={t("role.to")}
            data={roles.filter((each) => each !== "solo" || person.role === "solo").map((each) => ({ value: each, label: t(`common:role.${each}`) }))}
            value={role}
            onChange={(value) => setRole(roles.find((each) => each === value) ?? role)}
            data-autofocus
          />
          <Facts
            rows={[
              [t("role.before"), t(`may.${person.role}`)],
              [t("role.after"), t(`may.${role}`)],
            ]}
          />
          <p>{t("role.text")}</p>
          {change.error && <Failure error={change.error} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={() => setOpen(false)}>
              {t("common:action.cancel")}
            </Button>
            <Button loading={change.isPending} disabled={role === person.role} onClick={() => change.mutate()}>
              {t("role.label")}
            </Button>
          </Group>
        </div>
      </Modal>
    </>
  );
}
