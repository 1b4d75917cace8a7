// What is typed is kept on the server one second after the last change, and comes back with the case:
// a session that ends, a browser that dies or a cable that breaks loses nothing.
import { useCallback, useEffect, useRef, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api";
import { decodeForm, encodeForm, fits, isTouched, type Form } from "./form";

export const KEEP_AFTER_MS = 1000;
const AGAIN_AFTER_MS = 5000; // where it failed
export type Kept = "nothing" | "keeping" | "kept" | "failed" | "too_long";

export interface Draft {
  state: Kept;
  restored: boolean;
  /** It was given, or is thrown away: there is nothing to keep any more. */
  done: () => void;
}

function put(id: string, body: string): Promise<unknown> {
  return ask(api.PUT("/v1/cases/{id}/draft", { params: { path: { id } }, body: { body } }));
}

export function useDraft(id: string, form: Form, restore: (form: Form) => void, enabled: boolean): Draft {
  const [state, setState] = useState<Kept>("nothing");
  const [restored, setRestored] = useState(false);
  const onServer = useRef<string>(); // undefined: not known yet
  const over = useRef(false);
  const latest = useRef("");
  const text = isTouched(form) ? encodeForm(form) : "";
  const { data } = useQuery({
    queryKey: ["cases", id, "draft"],
    queryFn: ({ signal }) => ask(api.GET("/v1/cases/{id}/draft", { params: { path: { id } }, signal })),
    enabled,
    staleTime: Infinity,
    gcTime: 0,
  });

  useEffect(() => {
    latest.current = text;
  });

  // A decision that was taken back: it is kept anew, for the server let go of it with the decision.
  useEffect(() => {
    if (enabled && over.current) {
      over.current = false;
      onServer.current = "";
      setState("nothing");
    }
  }, [enabled]);

  useEffect(() => {
    if (data === undefined || onServer.current !== undefined) {
      return;
    }
    onServer.current = data.body;
    const kept = decodeForm(data.body);
    if (kept && latest.current === "") {
      restore(kept);
      setRestored(true);
      setState("kept");
    }
  }, [data, restore]);

  const save = useCallback(async () => {
    const body = latest.current;
    if (over.current || onServer.current === undefined || body === onServer.current) {
      return;
    }
    if (!fits(body)) {
      setState("too_long");
      return;
    }
    const before = onServer.current;
    onServer.current = body;
    setState("keeping");
    try {
      await put(id, body);
      setState(body === "" ? "nothing" : "kept");
    } catch {
      onServer.current = before;
      setState("failed");
    }
  }, [id]);

  useEffect(() => {
    if (!enabled || data === undefined || text === onServer.current) {
      return undefined;
    }
    const timer = window.setTimeout(() => void save(), state === "failed" ? AGAIN_AFTER_MS : KEEP_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [enabled, data, text, save, state]);

  // Whoever leaves within that second has typed too.
  useEffect(() => () => void save(), [save]);

  return {
    state,
    restored,
    done: useCallback(() => {
      over.current = true;
    }, []),
  };
}
