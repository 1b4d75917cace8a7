// What can be done with a notice now, by those who may.
import { Button, NativeSelect } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, useMay, useMe, type ApiError } from "@/api";
import { Failure, Keys, Status, notify, useShortcut } from "@/ui";
import { Ask, idOf } from "../parts";
import { languageName } from "../../i18n/names";
import { Answer } from "./Answer";
import { Identity } from "./Identity";
import styles from "./notices.module.css";
import { useNoticesChanged } from "./queries";
import { isWaiting, queues, type Notice, type NoticeQueue, type NoticeWhole } from "./words";

function Take({ of }: { of: NoticeWhole }) {
  const { t } = useTranslation("notices");
  const me = useMe();
  const changed = useNoticesChanged();
  const isMine = of.taken_by !== undefined && idOf(of.taken_by) === idOf(me.principal);
  const take = useMutation<Notice, ApiError>({
    mutationFn: () => ask(api.POST("/v1/notices/{id}/take", { params: { path: { id: of.id } }, body: { version: of.version } })),
    onSuccess: () => notify({ kind: "ok", text: t("take.done", { number: of.number }) }),
    onSettled: changed,
  });
  const label = of.taken_by === undefined ? t("take.button") : t("take.over");
  useShortcut("t", label, () => take.mutate(), { enabled: !isMine && !take.isPending });
  if (isMine) {
    return <Status kind="busy">{t("take.mine")}</Status>;
  }
  return (
    <>
      {of.taken_by !== undefined && <Status kind="busy">{t("take.theirs", { name: of.taken_by_name ?? "" })}</Status>}
      <Button variant={of.taken_by === undefined ? "filled" : "default"} loading={take.isPending} onClick={() => take.mutate()}>
        {label}&nbsp;
        <Keys keys="t" />
      </Button>
      {take.error && <Failure error={take.error} />}
    </>
  );
}

function Question({ of }: { of: NoticeWhole }) {
  const { t, i18n } = useTranslation("notices");
  const changed = useNoticesChanged();
  return (
    <Ask
      label={t("ask.button")}
      title={t("ask.title", { number: of.number })}
      consequence={
        <>
          <p>{t("ask.text", { language: languageName(of.language, i18n.language) })}</p>
          <p className="dim">{t("ask.never")}</p>
        </>
      }
      field={t("ask.field")}
      longest={4000}
      long
      run={async (question) => {
        try {
          await ask(api.POST("/v1/notices/{id}/ask", { params: { path: { id: of.id } }, body: { version: of.version, question } }));
          notify({ kind: "ok", text: t("ask.done", { number: of.number }) });
        } finally {
          await changed();
        }
      }}
    />
  );
}

function Move({ of }: { of: NoticeWhole }) {
  const { t } = useTranslation("notices");
  const changed = useNoticesChanged();
  const [to, choose] = useState<NoticeQueue>();
  return (
    <Ask
      label={t("move.button")}
      title={t("move.title", { number: of.number })}
      consequence={t("move.text")}
      field={t("move.reason")}
      longest={500}
      ready={to !== undefined && to !== of.queue}
      extra={
        <NativeSelect
          label={t("move.to")}
          value={to ?? of.queue}
          onChange={(event) => choose(queues.find((each) => each === event.currentTarget.value))}
          data={queues.map((each) => ({ value: each, label: t(`queue.${each}`) }))}
        />
      }
      run={async (reason) => {
        try {
          await ask(api.POST("/v1/notices/{id}/move", { params: { path: { id: of.id } }, body: { version: of.version, queue: to ?? of.queue, reason } }));
          notify({ kind: "ok", text: t("move.done", { queue: t(`queue.${to ?? of.queue}`) }) });
        } finally {
          await changed();
        }
      }}
    />
  );
}

function Verify({ of, as }: { of: NoticeWhole; as: "genuine" | "refuse" }) {
  const { t } = useTranslation("notices");
  const changed = useNoticesChanged();
  return (
    <Ask
      label={t(`verify.${as}.button`)}
      title={t(`verify.${as}.title`, { number: of.number })}
      consequence={t(`verify.${as}.text`)}
      field={t("verify.how")}
      hint={t("verify.how_hint")}
      longest={500}
      long
      danger={as === "refuse"}
      run={async (how) => {
        try {
          await ask(api.POST("/v1/notices/{id}/verify", { params: { path: { id: of.id } }, body: { version: of.version, verified: as === "genuine", how } }));
          notify({ kind: "ok", text: t(`verify.${as}.done`) });
        } finally {
          await changed();
        }
      }}
    />
  );
}

export function Acts({ of }: { of: NoticeWhole }) {
  const { t } = useTranslation("notices");
  const may = useMay();
  const [dialog, open] = useState<"answer" | "identity">();
  const close = useCallback(() => open(undefined), []);
  const answers = may("notice_answer") && isWaiting(of.state);
  const verifies = may("notice_verify") && of.kind === "law_request" && isWaiting(of.state);
  const opens = may("notice_identity") && of.has_contact;
  useShortcut("a", t("answer.button"), () => open("answer"), { enabled: answers });
  if (!answers && !verifies && !opens) {
    return null;
  }
  return (
    <div className={styles.acts} role="group" aria-label={t("acts")}>
      {answers && <Take of={of} />}
      {answers && (
        <Button variant={of.taken_by === undefined ? "default" : "filled"} onClick={() => open("answer")}>
          {t("answer.button")}&nbsp;
          <Keys keys="a" />
        </Button>
      )}
      {answers && <Question of={of} />}
      {verifies && of.verified !== "verified" && <Verify of={of} as="genuine" />}
      {verifies && of.verified !== "refused" && <Verify of={of} as="refuse" />}
      {answers && <Move of={of} />}
      {opens && (
        <Button variant="default" onClick={() => open("identity")}>
          {t("identity.button")}
        </Button>
      )}
      {dialog === "answer" && <Answer of={of} onClose={close} />}
      {dialog === "identity" && <Identity of={of} onClose={close} />}
    </div>
  );
}
