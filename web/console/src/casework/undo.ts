// The last decision of this person, as long as it can be taken back: "u" does so on every page where
// people work.
import { useSyncExternalStore } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router-dom";
import { api, ask, asApiError, commandHeader, type Schemas } from "@/api";
import { onOtherPerson } from "@/api/session";
import { notify, useProblemText, useShortcut } from "@/ui";
import { useNow } from "../i18n/now";

interface Undoable {
  id: string;
  version: number;
  until: number;
}

let last: Undoable | undefined;
const listeners = new Set<() => void>();

function remember(next: Undoable | undefined): void {
  last = next;
  for (const listener of listeners) {
    listener();
  }
}

onOtherPerson(() => remember(undefined)); // nobody takes back what another person decided

export function rememberDecision(of: Schemas["Case"]): void {
  remember(
    of.state === "decided" && of.undo_until !== undefined
      ? { id: of.id, version: of.version, until: new Date(of.undo_until).getTime() }
      : undefined,
  );
}

/** Takes one decision back; the version is asked for anew, since closing others may have moved it. */
export async function undoDecision(id: string): Promise<Schemas["Case"]> {
  const { case: now } = await ask(api.GET("/v1/cases/{id}", { params: { path: { id } } }));
  return ask(
    api.DELETE("/v1/cases/{id}/decision", {
      params: { path: { id }, query: { version: now.version }, header: commandHeader(crypto.randomUUID()) },
    }),
  );
}

export function useUndo(): { undo: () => void; possible: Undoable | undefined } {
  const { t } = useTranslation("case");
  const client = useQueryClient();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const now = useNow(1000);
  const known = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => last,
  );
  const possible = known && known.until > now ? known : undefined;
  const undo = () => {
    const of = last;
    if (!of) {
      return;
    }
    remember(undefined);
    undoDecision(of.id).then(
      () => {
        notify({
          kind: "ok",
          text: t("undo.done"),
          action: { label: t("undo.open"), run: () => navigate(`/cases/${of.id}`) },
          stayMs: 12_000,
        });
        void client.invalidateQueries({ queryKey: ["cases"] });
        void client.invalidateQueries({ queryKey: ["queues"] });
        void client.invalidateQueries({ queryKey: ["overview"] });
      },
      (thrown: unknown) => {
        const error = asApiError(thrown);
        if (!error.refused) {
          remember(of);
        }
        notify({ kind: "bad", text: t("undo.failed", { why: problemText(error) }), stayMs: 0 });
      },
    );
  };
  return { undo, possible };
}

/** For pages: the key itself, once a page. */
export function useUndoKey(): void {
  const { t } = useTranslation("case");
  const { undo, possible } = useUndo();
  useShortcut("u", t("undo.key"), undo, { enabled: possible !== undefined });
}
