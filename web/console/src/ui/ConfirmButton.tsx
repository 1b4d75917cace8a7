// A button for what cannot simply be taken back: it says what will happen, and asks.
import { Button, Group, Modal, type ButtonProps } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

export interface ConfirmButtonProps extends Omit<ButtonProps, "onClick"> {
  label: string; // of the button, and of the one that confirms: a verb
  title: string;
  consequence: ReactNode; // what will happen and whether it can be undone
  onConfirm: () => void;
  busy?: boolean;
}

export function ConfirmButton({ label, title, consequence, onConfirm, busy = false, ...button }: ConfirmButtonProps) {
  const { t } = useTranslation("common");
  const [asking, ask] = useState(false);
  return (
    <>
      <Button variant="default" {...button} loading={busy} onClick={() => ask(true)}>
        {label}
      </Button>
      <Modal opened={asking} onClose={() => ask(false)} title={title} closeButtonProps={{ "aria-label": t("action.close") }}>
        <div className="page">
          <div>{consequence}</div>
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={() => ask(false)} data-autofocus>
              {t("action.cancel")}
            </Button>
            <Button
              color="danger"
              onClick={() => {
                ask(false);
                onConfirm();
              }}
            >
              {label}
            </Button>
          </Group>
        </div>
      </Modal>
    </>
  );
}
