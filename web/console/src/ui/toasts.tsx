// What just happened, said once and read aloud; with "Undo" where something can be undone.
import { Button, CloseButton } from "@mantine/core";
import { useEffect, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { onOtherPerson } from "../api/session";
import { Status, type StatusKind } from "./Status";

export interface Toast {
  kind: StatusKind;
  text: string;
  action?: { label: string; run: () => void };
  stayMs?: number; // 8 s; with an action 30 s; 0: until closed
}

interface Shown extends Toast {
  id: number;
}

const STAY_MS = 8000;
const STAY_ACTION_MS = 30_000;
let toasts: readonly Shown[] = [];
let count = 0;
const listeners = new Set<() => void>();

function change(next: readonly Shown[]): void {
  toasts = next;
  for (const listener of listeners) {
    listener();
  }
}

function close(id: number): void {
  change(toasts.filter((toast) => toast.id !== id));
}

onOtherPerson(() => change([])); // with what they could undo

export function notify(toast: Toast): void {
  change([...toasts.slice(-3), { ...toast, id: ++count }]);
}

function ToastLine({ toast }: { toast: Shown }) {
  const { t } = useTranslation("common");
  const stay = toast.stayMs ?? (toast.action ? STAY_ACTION_MS : STAY_MS);
  useEffect(() => {
    if (stay === 0) {
      return undefined;
    }
    const timer = window.setTimeout(() => close(toast.id), stay);
    return () => window.clearTimeout(timer);
  }, [toast.id, stay]);
  const { action } = toast;
  return (
    <li className="toast">
      <div className="toast-text">
        <Status kind={toast.kind}>{toast.text}</Status>
      </div>
      {action && (
        <Button
          variant="default"
          onClick={() => {
            close(toast.id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <CloseButton size="sm" aria-label={t("action.close")} onClick={() => close(toast.id)} />
    </li>
  );
}

export function Toasts() {
  const { t } = useTranslation("common");
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <section aria-label={t("toasts")} aria-live="polite" aria-relevant="additions">
      <ul className="toasts">
        {shown.map((toast) => (
          <ToastLine key={toast.id} toast={toast} />
        ))}
      </ul>
    </section>
  );
}
