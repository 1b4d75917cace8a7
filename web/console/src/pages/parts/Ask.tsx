// A dialog that asks for the words which something needs, says what follows, and stays open with what
// was typed when the server refuses.
import { Button, Group, Modal, TextInput, Textarea } from "@mantine/core";
import { useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "@/ui";

interface AskProps {
  label: string; // of the button: a verb
  title: string;
  consequence: ReactNode;
  field: string;
  hint?: string;
  longest: number;
  long?: boolean;
  danger?: boolean;
  extra?: ReactNode; // more fields
  ready?: boolean; // of those
  run: (text: string) => Promise<unknown>;
}

export function Ask(props: AskProps) {
  const { label, title, consequence, field, hint, longest, long = false, danger = false, extra, ready = true, run } = props;
  const { t } = useTranslation("common");
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const close = () => setOpen(false);
  const send = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    run(text.trim())
      .then(
        () => {
          setOpen(false);
          setText("");
          setError(undefined);
        },
        (thrown: unknown) => setError(thrown),
      )
      .finally(() => setBusy(false));
  };
  const Field = long ? Textarea : TextInput;
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          setError(undefined);
          setOpen(true);
        }}
      >
        {label}
      </Button>
      <Modal opened={open} onClose={close} title={title} closeButtonProps={{ "aria-label": t("action.close") }}>
        <form className="page" onSubmit={send}>
          <div>{consequence}</div>
          {extra}
          <Field
            label={field}
            description={hint}
            value={text}
            maxLength={longest}
            onChange={(event) => setText(event.currentTarget.value)}
            required
            withAsterisk={false}
            data-autofocus
          />
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={close}>
              {t("action.cancel")}
            </Button>
            <Button
              type="submit"
              {...(danger ? { color: "danger" } : {})}
              loading={busy}
              disabled={text.trim() === "" || !ready}
            >
              {label}
            </Button>
          </Group>
        </form>
      </Modal>
    </>
  );
}
