// Keys and what they do. A shortcut is live while the component that registered it is on the page;
// of two on the same keys the later one wins. Keys: "j", "Enter", "mod+k" (Ctrl, on a Mac Command),
// "shift+Enter", "g q" (one after the other), "?".
import { useEffect, useId, useRef, useSyncExternalStore } from "react";
import { preferences } from "../app/preferences";

export type Scope = "everywhere" | "page" | "dialog";

export interface Shortcut {
  id: string;
  keys: string;
  label: string;
  scope: Scope;
  inInputs: boolean;
  run: (event: KeyboardEvent) => void;
}

const SEQUENCE_MS = 1200;
let shortcuts: readonly Shortcut[] = [];
const listeners = new Set<() => void>();
let first = { key: "", at: 0 };

function change(next: readonly Shortcut[]): void {
  shortcuts = next;
  for (const listener of listeners) {
    listener();
  }
}

export function register(shortcut: Shortcut): () => void {
  change([...shortcuts, shortcut]);
  return () => change(shortcuts.filter((each) => each !== shortcut));
}

export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shortcuts,
  );
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) {
    return false;
  }
  if (target instanceof HTMLInputElement) {
    return !["checkbox", "radio", "button", "submit"].includes(target.type);
  }
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName);
}

const PRESSED = "a[href],button,summary,[role=option],[role=menuitem],[role=radio],[role=tab]";
const WALKED = "input[type=radio],[role=radiogroup],[role=listbox],[role=menu],[role=tablist],[role=slider]";

/** Enter and Space belong to the button or link that has the focus, arrows to what they walk through. */
function isOwnKey(event: KeyboardEvent): boolean {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement)) {
    return false;
  }
  const own = event.key === "Enter" || event.key === " " ? PRESSED : event.key.startsWith("Arrow") ? WALKED : undefined;
  return own !== undefined && target.closest(own) !== null;
}

/** "mod+k", "shift+Enter", "j": what was pressed, as shortcuts name it. */
export function nameOf(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 && mod ? event.key.toLowerCase() : event.key;
  const shift = event.shiftKey && event.key.length > 1;
  return `${mod ? "mod+" : ""}${event.altKey ? "alt+" : ""}${shift ? "shift+" : ""}${key === " " ? "Space" : key}`;
}

function find(keys: string, typing: boolean): Shortcut | undefined {
  const inDialog = document.querySelector('[aria-modal="true"]') !== null;
  const single = !keys.includes("mod+") && !keys.includes("alt+") && keys.length === 1;
  if (single && !preferences().singleKeys) {
    return undefined;
  }
  return shortcuts.findLast(
    (each) =>
      each.keys === keys &&
      (!typing || each.inInputs) &&
      (inDialog ? each.scope === "dialog" : true),
  );
}

export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) {
    return;
  }
  const typing = isTyping(event.target);
  const name = nameOf(event);
  const now = Date.now();
  const sequence = now - first.at < SEQUENCE_MS && first.key !== "" ? `${first.key} ${name}` : "";
  const known = (sequence !== "" ? find(sequence, typing) : undefined) ?? find(name, typing);
  first = { key: typing ? "" : name, at: now };
  if (known && !(isOwnKey(event) && known.keys === name)) {
    event.preventDefault();
    first = { key: "", at: 0 };
    known.run(event);
  }
}

export interface ShortcutOptions {
  scope?: Scope;
  enabled?: boolean;
  inInputs?: boolean;
}

/** `label` is translated text: the help and tooltips show it. */
export function useShortcut(
  keys: string,
  label: string,
  run: (event: KeyboardEvent) => void,
  { scope = "page", enabled = true, inInputs = keys.includes("mod+") }: ShortcutOptions = {},
): void {
  const id = useId();
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!enabled) {
      return undefined;
    }
    return register({ id, keys, label, scope, inInputs, run: (event) => latest.current(event) });
  }, [id, keys, label, scope, enabled, inInputs]);
}
