// Commands: changes that carry an Idempotency-Key. The key stays the same while the same command is
// repeated because its outcome is unknown (no answer, 5xx), and is a new one after an answer.
import { useRef } from "react";
import { useMutation, type UseMutationOptions, type UseMutationResult } from "@tanstack/react-query";
import { asApiError, type ApiError } from "./problem";

export class CommandKeys {
  private text = "";
  private key = "";

  /** The key for this input. */
  take(input: unknown): string {
    const text = JSON.stringify([input]);
    if (this.key === "" || this.text !== text) {
      this.text = text;
      this.key = crypto.randomUUID();
    }
    return this.key;
  }

  /** After an answer: what comes next is another command, though it look the same. */
  settle(error?: ApiError): void {
    if (!error || error.refused) {
      this.key = "";
    }
  }
}

export function useCommand<In, Out>(
  run: (input: In, key: string) => Promise<Out>,
  options: Omit<UseMutationOptions<Out, ApiError, In>, "mutationFn" | "retry"> = {},
): UseMutationResult<Out, ApiError, In> {
  const keys = useRef(new CommandKeys());
  return useMutation<Out, ApiError, In>({
    ...options,
    retry: false,
    mutationFn: async (input) => {
      try {
        const out = await run(input, keys.current.take(input));
        keys.current.settle();
        return out;
      } catch (thrown) {
        const error = asApiError(thrown);
        keys.current.settle(error);
        throw error;
      }
    },
  });
}
