// What is written of a report's document and not saved yet: kept while others save, never sent
// without being asked for.
import { useCallback, useEffect, useMemo, useState } from "react";
import { onOtherPerson } from "../../api/session";
import { ancestors, cleaned, isOpenAtFirst, type JsonObject } from "./form";
import type { ReportDocument } from "./words";

export interface Editor {
  base: JsonObject;
  body: JsonObject;
  version: number; // of the report, that the changes were made to
  change: (body: JsonObject) => void;
  isChanged: boolean;
  isBehind: boolean; // somebody else saved since one began to write
  discard: () => void;
  isOpen: (path: string) => boolean;
  toggle: (path: string, open: boolean) => void;
  /** Opens all that lies above a field, and takes the focus there. */
  jump: (path: string) => void;
}

interface Begun {
  number: number;
  version: number;
  base: JsonObject;
}

/** What was typed and not saved, by report: it is there when one comes back to the page, and nowhere else. */
const kept = new Map<string, { start: Begun; edited: JsonObject }>();
onOtherPerson(() => kept.clear());

function focusOn(path: string): void {
  for (const each of ancestors(path).reverse()) {
    const found = document.querySelector<HTMLElement>(`[data-path="${CSS.escape(each)}"]`);
    if (found) {
      const inside = found.querySelector<HTMLElement>("input:not([type=hidden]),select,textarea,button");
      (inside ?? found).focus({ preventScroll: true });
      found.scrollIntoView({ block: "center" });
      return;
    }
  }
}

export function useEditor(document: ReportDocument): Editor {
  const fresh = document.body as unknown as JsonObject;
  const id = document.report;
  const [start, setStart] = useState<Begun>(() => kept.get(id)?.start ?? { number: document.number, version: document.version, base: fresh });
  const [edited, setEdited] = useState<JsonObject | undefined>(() => kept.get(id)?.edited);
  const [opened, setOpened] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [target, setTarget] = useState<{ path: string }>();
  const isBehind = edited !== undefined && document.number !== start.number;
  // What nobody began to change is shown as it is now.
  if (edited === undefined && (document.number !== start.number || document.version !== start.version)) {
    setStart({ number: document.number, version: document.version, base: fresh });
  }
  const isChanged = useMemo(
    () => edited !== undefined && JSON.stringify(cleaned(edited)) !== JSON.stringify(cleaned(start.base)),
    [edited, start.base],
  );
  useEffect(() => {
    if (!isChanged) {
      return undefined;
    }
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [isChanged]);
  useEffect(() => {
    if (target) {
      focusOn(target.path);
    }
  }, [target]);
  const isOpen = useCallback((path: string) => opened.get(path) ?? isOpenAtFirst(path), [opened]);
  const toggle = useCallback((path: string, open: boolean) => setOpened((before) => new Map(before).set(path, open)), []);
  const jump = useCallback((path: string) => {
    setOpened((before) => {
      const next = new Map(before);
      for (const each of ancestors(path)) {
        next.set(each, true).set(`${each}?more`, true);
      }
      return next;
    });
    setTarget({ path });
  }, []);
  const change = useCallback(
    (body: JsonObject) => {
      kept.set(id, { start, edited: body });
      setEdited(body);
    },
    [id, start],
  );
  const discard = useCallback(() => {
    kept.delete(id);
    setEdited(undefined);
  }, [id]);
  return { base: start.base, body: edited ?? start.base, version: isBehind ? start.version : document.version, change, isChanged, isBehind, discard, isOpen, toggle, jump };
}
