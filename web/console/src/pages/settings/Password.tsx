// Another password. The server ends one's other sessions with it.
import { Button, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api";
import { Failure, Section, notify } from "@/ui";
import styles from "../parts/parts.module.css";

const SHORTEST = 12;

export function Password() {
  const { t } = useTranslation("settings");
  const [password, setPassword] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () => ask(api.POST("/v1/me/password", { body: { password, new_password: next } })),
    onSuccess: () => {
      setPassword("");
      setNext("");
      setAgain("");
      notify({ kind: "ok", text: t("password.done") });
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  const differ = again !== "" && again !== next;
  const ready = password !== "" && next.length >= SHORTEST && next === again;
  return (
    <Section title={t("password.title")}>
      <form className={styles.form} onSubmit={send}>
        <PasswordInput
          label={t("password.now")}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
        />
        <PasswordInput
          label={t("password.next")}
          description={t("password.hint")}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
          autoComplete="new-password"
        />
        <PasswordInput
          label={t("password.again")}
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          error={differ ? t("password.differ") : undefined}
          autoComplete="new-password"
        />
        {change.error && <Failure error={change.error} />}
        <div>
          <Button type="submit" loading={change.isPending} disabled={!ready}>
            {t("password.change")}
          </Button>
        </div>
      </form>
    </Section>
  );
}
