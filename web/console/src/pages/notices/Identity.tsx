// Who sent a notice: sealed apart from it, and opened with a purpose, a reason and a fresh second factor.
// What is opened stays in this dialog and goes with it.
import { Button, Group, Modal, NativeSelect, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, useSession, type ApiError, type Schemas } from "@/api";
import { Failure, Status } from "@/ui";
import { Facts, Mono } from "../parts";
import styles from "./notices.module.css";
import { useNoticesChanged } from "./queries";
import type { NoticeWhole } from "./words";

type Purpose = Schemas["NoticeIdentityRequest"]["purpose"];
const purposes = ["answer", "safety", "legal_request", "own_data"] as const satisfies readonly Purpose[];

export function Identity({ of, onClose }: { of: NoticeWhole; onClose: () => void }) {
  const { t } = useTranslation(["notices", "common"]);
  const changed = useNoticesChanged();
  const [purpose, choose] = useState<Purpose>();
  const [reason, setReason] = useState("");
  const open = useMutation<Schemas["NoticeIdentity"], ApiError, Schemas["NoticeIdentityRequest"]>({
    mutationFn: (body) => ask(api.POST("/v1/notices/{id}/identity", { params: { path: { id: of.id } }, body })),
    onSettled: changed,
    gcTime: 0,
  });
  // Whoever comes to the screen after the session ended sees nothing of it.
  const { phase } = useSession();
  const mustGo = phase !== "in" && open.data !== undefined;
  useEffect(() => {
    if (mustGo) {
      onClose();
    }
  }, [mustGo, onClose]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (purpose !== undefined && reason.trim() !== "") {
      open.mutate({ purpose, reason: reason.trim() });
    }
  };
  const who = open.data;
  return (
    <Modal opened onClose={onClose} title={t("notices:identity.title", { number: of.number })} closeButtonProps={{ "aria-label": t("common:action.close") }}>
      {who ? (
        <div className={styles.form}>
          <Facts
            rows={[
              [t("notices:identity.name"), who.name !== undefined && <bdi key="name">{who.name}</bdi>],
              [t("notices:identity.email"), who.email !== undefined && <Mono key="email">{who.email}</Mono>],
              [t("notices:identity.phone"), who.phone !== undefined && <Mono key="phone">{who.phone}</Mono>],
            ]}
          />
          <p className="dim">{t("notices:identity.opened")}</p>
          <Group justify="flex-end">
            <Button onClick={onClose} data-autofocus>
              {t("common:action.close")}
            </Button>
          </Group>
        </div>
      ) : (
        <form className={styles.form} onSubmit={submit}>
          <p>{t("notices:identity.text")}</p>
          <Status kind="info">{t("notices:identity.audit")}</Status>
          <NativeSelect
            label={t("notices:identity.purpose")}
            data-autofocus
            value={purpose ?? ""}
            onChange={(event) => choose(purposes.find((each) => each === event.currentTarget.value))}
            data={[{ value: "", label: t("notices:identity.choose") }, ...purposes.map((each) => ({ value: each, label: t(`notices:identity.for.${each}`) }))]}
          />
          <Textarea
            label={t("notices:identity.reason")}
            autosize
            minRows={2}
            maxRows={6}
            maxLength={500}
            required
            withAsterisk={false}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {open.error && <Failure error={open.error} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              {t("common:action.cancel")}
            </Button>
            <Button type="submit" loading={open.isPending} disabled={purpose === undefined || reason.trim() === ""}>
              {t("notices:identity.open")}
            </Button>
          </Group>
        </form>
      )}
    </Modal>
  );
}
