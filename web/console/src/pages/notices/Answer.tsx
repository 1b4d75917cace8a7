// The answer: an outcome that may be told, and exactly what the sender will read, before it is sent.
import { Button, Group, Modal, Radio, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type ApiError, type Schemas } from "@/api";
import { Failure, Keys, Status, notify, useShortcut } from "@/ui";
import { languageName } from "../../i18n/names";
import styles from "./notices.module.css";
import { useNoticesChanged } from "./queries";
import { Reads } from "./Reads";
import { outcomes as all, type Notice, type NoticeOutcome, type NoticeWhole } from "./words";

const WORDS_MAX = 2000;

/** Nothing is said to be done for an authority before its request is verified. */
export function isHeldBack(of: Pick<Notice, "verified">, outcome: NoticeOutcome): boolean {
  return outcome === "done" && of.verified !== "verified";
}

export function Answer({ of, onClose }: { of: NoticeWhole; onClose: () => void }) {
  const { t, i18n } = useTranslation(["notices", "common"]);
  const changed = useNoticesChanged();
  const may = all.filter((each) => of.outcomes.includes(each));
  const [outcome, choose] = useState<NoticeOutcome>();
  const [text, setText] = useState("");
  const words = text.trim();
  const send = useMutation<Notice, ApiError, Schemas["NoticeAnswer"]>({
    mutationFn: (body) => ask(api.POST("/v1/notices/{id}/answer", { params: { path: { id: of.id } }, body })),
    onSuccess: () => {
      notify({ kind: "ok", text: t("notices:answer.done", { number: of.number }) });
      onClose();
    },
    onSettled: changed,
  });
  const submit = () => {
    if (outcome !== undefined && !send.isPending) {
      send.mutate({ version: of.version, outcome, ...(words === "" ? {} : { words }) });
    }
  };
  useShortcut("mod+Enter", t("notices:answer.send"), submit, { scope: "dialog", inInputs: true });
  return (
    <Modal opened onClose={onClose} size="lg" title={t("notices:answer.title", { number: of.number })} closeButtonProps={{ "aria-label": t("common:action.close") }}>
      <form
        className={styles.form}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          submit();
        }}
      >
        <Radio.Group label={t("notices:answer.outcome")} description={t("notices:answer.outcome_about")} value={outcome ?? ""} onChange={(value) => choose(may.find((each) => each === value))}>
          <div className={`choices ${styles.options ?? ""}`}>
            {may.map((each) => (
              <Radio
                key={each}
                value={each}
                label={t(`notices:outcome.${each}.name`)}
                description={isHeldBack(of, each) ? t("notices:answer.not_verified") : t(`notices:outcome.${each}.about`)}
                disabled={isHeldBack(of, each)}
              />
            ))}
          </div>
        </Radio.Group>
        <Textarea
          label={t("notices:answer.words")}
          description={t("notices:answer.words_about", { language: languageName(of.language, i18n.language) })}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={WORDS_MAX}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {outcome === undefined ? <p className="dim">{t("notices:reads.none")}</p> : <Reads outcome={outcome} language={of.language} added={words} />}
        <Status kind="info">{t("notices:answer.never")}</Status>
        {send.error && <Failure error={send.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t("common:action.cancel")}
          </Button>
          <Button type="submit" loading={send.isPending} disabled={outcome === undefined}>
            {t("notices:answer.send")}&nbsp;
            <Keys keys="mod+Enter" />
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
