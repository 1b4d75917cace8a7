import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, type Schemas } from "@/api";
import { session } from "@/api/client";
import { useStep } from "./useStep";

export function Password({ usual, onSession }: { usual: string; onSession: (session: Schemas["Session"]) => Promise<void> }) {
  const { t } = useTranslation("signin");
  const [name, setName] = useState(usual);
  const [password, setPassword] = useState("");
  const step = useStep(
    async () => onSession(await ask(session.POST("/v1/session", { body: { name: name.trim(), password } }))),
    () => setPassword(""),
  );
  return (
    <form onSubmit={step.submit}>
      <TextInput
        label={t("name")}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="username"
        required
        withAsterisk={false}
        autoFocus={usual === ""}
      />
      <PasswordInput
        label={t("password")}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        error={step.problem}
        required
        withAsterisk={false}
        autoFocus={usual !== ""}
      />
      <Button type="submit" loading={step.busy}>
        {t("next")}
      </Button>
    </form>
  );
}
