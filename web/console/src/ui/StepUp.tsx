// Asks for the second factor when the server wants a fresh one; then the refused call is repeated
// (api/transport.ts). One dialog for however many calls wait.
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ask, session } from "../api/client";
import { asApiError, type ApiError } from "../api/problem";
import { useProblemText } from "./Failure";

let waiting: ((given: boolean) => void)[] = [];
let open: (() => void) | undefined;

/** Resolves when the person gave the code (true) or closed the dialog (false). */
export function stepUp(): Promise<boolean> {
  if (!open) {
    return Promise.resolve(false);
  }
  open();
  return new Promise((resolve) => waiting.push(resolve));
}

function answer(given: boolean): void {
  const all = waiting;
  waiting = [];
  for (const resolve of all) {
    resolve(given);
  }
}

export function StepUp() {
  const { t } = useTranslation("common");
  const text = useProblemText();
  const [shown, show] = useState(false);
  const [code, setCode] = useState("");
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    open = () => {
      setCode("");
      setError(undefined);
      show(true);
    };
    return () => {
      open = undefined;
      answer(false);
    };
  }, []);
  const finish = (given: boolean) => {
    show(false);
    answer(given);
  };
  const give = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await ask(session.POST("/v1/session/step-up", { body: { code: code.trim() } }));
      finish(true);
    } catch (thrown) {
      setError(asApiError(thrown));
      setCode("");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened={shown}
      onClose={() => finish(false)}
      title={t("stepup.title")}
      closeButtonProps={{ "aria-label": t("action.close") }}
    >
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
          <Button variant="default" onClick={() => finish(false)}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" loading={busy} disabled={code.trim() === ""}>
            {t("stepup.give")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
