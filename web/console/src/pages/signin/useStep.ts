// One step of signing in: sends it, and keeps what went wrong.
import { useState, type FormEvent } from "react";
import { asApiError } from "@/api";
import { useProblemText } from "@/ui";

export interface Step {
  busy: boolean;
  problem: string | undefined;
  submit: (event: FormEvent) => void;
}

export function useStep(send: () => Promise<void>, onRefused?: () => void): Step {
  const text = useProblemText();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const run = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await send();
    } catch (thrown) {
      setProblem(text(asApiError(thrown)));
      onRefused?.();
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    problem,
    submit: (event) => {
      event.preventDefault();
      void run();
    },
  };
}
