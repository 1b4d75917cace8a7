// The field for a code of six digits or a recovery code, and the way back to the password.
import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStep } from "./useStep";

interface CodeFormProps {
  label: string;
  numeric?: boolean; // no other code is taken here
  send: (code: string) => Promise<void>;
  onBack: () => void;
}

export function CodeForm({ label, numeric = false, send, onBack }: CodeFormProps) {
  const { t } = useTranslation("signin");
  const [code, setCode] = useState("");
  const step = useStep(
    () => send(code.trim()),
    () => setCode(""),
  );
  return (
    <form onSubmit={step.submit}>
      <TextInput
        label={label}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        error={step.problem}
        {...(numeric ? { inputMode: "numeric" } : {})}
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
  );
}
