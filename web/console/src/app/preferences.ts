// What a person prefers on this machine. Nothing about cases is ever kept here.
import { useSyncExternalStore } from "react";

export interface Preferences {
  exactTimes: boolean; // absolute times instead of relative ones
  singleKeys: boolean; // shortcuts of one key (WCAG 2.1.4 wants them to be switchable)
  viewSeconds: number; // without a key, then a view goes away
}

/** What one may choose for `viewSeconds`. */
export const viewStays = [10, 20, 40, 90] as const;

const STORED = "tutela.preferences";
const usual: Preferences = { exactTimes: false, singleKeys: true, viewSeconds: 20 };
const listeners = new Set<() => void>();

function read(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? "{}");
    return typeof stored === "object" && stored !== null ? { ...usual, ...stored } : usual;
  } catch {
    return usual;
  }
}

let current = read();

export function preferences(): Preferences {
  return current;
}

export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  localStorage.setItem(STORED, JSON.stringify(current));
  for (const listener of listeners) {
    listener();
  }
}

export function usePreferences(): Preferences {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, preferences);
}
