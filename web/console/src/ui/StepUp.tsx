// Asks for the second factor when the server wants a fresh one; then the refused call is repeated
// (api/transport.ts). One dialog for however many calls wait.
import { useCallback, useEffect, useState } from "react";
import { onOtherPerson } from "../api/session";
import { withTexts } from "../i18n";
import { Later } from "./Later";

const StepUpDialog = withTexts([], () => import("./StepUpDialog"));

let waiting: ((given: boolean) => void)[] = [];
let open: (() => void) | undefined;
let close: (() => void) | undefined;

// What one person asked for is not carried out with the code of another.
onOtherPerson(() => close?.());

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
  const [shown, show] = useState(false);
  const finish = useCallback((given: boolean) => {
    show(false);
    answer(given);
  }, []);
  useEffect(() => {
    open = () => show(true);
    close = () => finish(false);
    return () => {
      open = undefined;
      close = undefined;
      answer(false);
    };
  }, [finish]);
  return (
    <Later opened={shown} onFailed={() => finish(false)}>
      {(opened) => <StepUpDialog opened={opened} onAnswer={finish} />}
    </Later>
  );
}
