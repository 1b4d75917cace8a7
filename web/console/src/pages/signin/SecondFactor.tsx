import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, type Schemas } from "@/api";
import { session } from "@/api/client";
import { useStep } from "./useStep";

interface SecondFactorProps {
  onSession: (session: Schemas["Session"]) => void;
  onBack: () => void;
}

export function SecondFactor({ onSession, onBack }: SecondFactorProps) {
  const { t } = useTranslation("signin");
  const [code, setCode] = useState("");
  const step = useStep(
    async () => onSession(await ask(session.POST("/v1/session/second-factor", { body: { code: code.trim() } }))),
    () => setCode(""),
  );
  return (
    <>
      <h1>{t("code.title")}</h1>
      <p>{t("code.text")}</p>
      <form onSubmit={step.submit}>
        <TextInput
          label={t("code.label")}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={step.problem}
          autoComplete="one-time-code"
          required
          withAsterisk={false}
          autoFocus
        />
        <Button type="submit" loading={step.busy}>
          {t("code.give")}
        </Button>
        <Button variant="subtle" onClick={onBack}>
          {t("code.back")}
        </Button>
      </form>
    </>
  );
}
