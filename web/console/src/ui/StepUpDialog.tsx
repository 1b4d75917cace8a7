// The dialog of StepUp.tsx.
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ask, session } from "../api/client";
import { asApiError, type ApiError } from "../api/problem";
import { useProblemText } from "./Failure";

interface StepUpDialogProps {
  opened: boolean;
  onAnswer: (given: boolean) => void;
}

function Code({ onAnswer }: { onAnswer: (given: boolean) => void }) {
  const { t } = useTranslation("common");
  const text = useProblemText();
  const [code, setCode] = useState("");
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const give = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await ask(session.POST("/v1/session/step-up", { body: { code: code.trim() } }));
      onAnswer(true);
    } catch (thrown) {
      setError(asApiError(thrown));
      setCode("");
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="page" onSubmit={(event) => void give(event)}>
      <p>{t("stepup.why")}</p>
      <TextInput
        label={t("stepup.code")}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        error={error ? text(error) : undefined}
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        withAsterisk={false}
        data-autofocus
      />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={() => onAnswer(false)}>
          {t("action.cancel")}
        </Button>
        <Button type="submit" loading={busy} disabled={code.trim() === ""}>
          {t("stepup.give")}
        </Button>
      </Group>
    </form>
  );
}

/** What was typed is gone when it is closed. */
export default function StepUpDialog({ opened, onAnswer }: StepUpDialogProps) {
  const { t } = useTranslation("common");
  return (
    <Modal
      opened={opened}
      onClose={() => onAnswer(false)}
      title={t("stepup.title")}
      closeButtonProps={{ "aria-label": t("action.close") }}
    >
      <Code onAnswer={onAnswer} />
    </Modal>
  );
}
