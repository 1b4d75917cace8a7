// Where one is written to when a promise is near its end; empty: nowhere.
import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, useMe } from "@/api";
import { refreshMe } from "@/api/session";
import { Failure, Section, notify } from "@/ui";
import { EMAIL_MAX, isEmail } from "../parts";
import styles from "../parts/parts.module.css";

export function Email() {
  const { t } = useTranslation("settings");
  const me = useMe();
  const [email, setEmail] = useState(me.email ?? "");
  const change = useMutation({
    mutationFn: async () => {
      await ask(api.PUT("/v1/me/email", { body: { email } }));
      await refreshMe();
    },
    onSuccess: () => notify({ kind: "ok", text: email === "" ? t("email.removed") : t("email.done") }),
  });
  const wrong = email !== "" && !isEmail(email);
  const send = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Section title={t("email.title")}>
      <form className={styles.form} onSubmit={send}>
        <TextInput
          label={t("email.label")}
          description={t("email.about")}
          value={email}
          maxLength={EMAIL_MAX}
          autoComplete="email"
          error={wrong ? t("email.wrong") : undefined}
          onChange={(event) => setEmail(event.currentTarget.value.trim())}
        />
        {change.error && <Failure error={change.error} />}
        <div>
          <Button type="submit" loading={change.isPending} disabled={wrong || email === (me.email ?? "")}>
            {t("email.save")}
          </Button>
        </div>
      </form>
    </Section>
  );
}
