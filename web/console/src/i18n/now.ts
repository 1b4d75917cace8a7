// One clock for everything that shows time passing.
import { useSyncExternalStore } from "react";

const STEP_MS = 1000;
const listeners = new Set<() => void>();
let timer: number | undefined;
let now = Date.now();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= window.setInterval(() => {
    now = Date.now();
    for (const each of listeners) {
      each();
    }
  }, STEP_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      window.clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The present, in steps of `everyMs`: a component renders again only when the step changes. */
export function useNow(everyMs = 30_000): number {
  return useSyncExternalStore(subscribe, () => {
    const at = timer === undefined ? Date.now() : now;
    return Math.floor(at / everyMs) * everyMs;
  });
}
