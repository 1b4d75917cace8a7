// Views of one item: asked for, drawn, forgotten. Pixels live in bitmaps here and on the canvas and
// nowhere else; all of them are closed when the plate falls back to nothing, when the window loses
// the focus, when the page is hidden or printed, and when the item or the page is left.
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, asApiError, type ApiError, type Schemas } from "@/api";
import { onOtherPerson } from "@/api/session";
import type { CaseItem } from "@/casework/words";
import { usePreferences } from "../../app/preferences";
import { nothing, plateReducer, type Plate, type Wish } from "./plate";

export type Purpose = Schemas["ViewRequest"]["purpose"];
export const purposes = ["review", "quality", "appeal", "report", "legal_request", "safety"] as const satisfies readonly Purpose[];

// Asked of each person once a case; gone with the tab.
const given = new Map<string, Purpose>();
onOtherPerson(() => given.clear());

const TICK_MS = 250;

export interface Viewer {
  plate: Plate;
  bitmapOf: (id: number) => ImageBitmap | undefined;
  costs: Schemas["ViewCosts"] | undefined;
  refusal: ApiError | undefined;
  purpose: Purpose | undefined;
  show: (wish: Wish) => void;
  giveWhy: (purpose: Purpose) => void;
  cancel: () => void;
  less: () => void;
  drop: () => void;
}

async function fetchView(evidence: string, body: Schemas["ViewRequest"], signal: AbortSignal): Promise<ImageBitmap> {
  const link = await ask(
    api.POST("/v1/evidence/{id}/view-links", { params: { path: { id: evidence } }, body, signal }),
  );
  const token = link.url.slice(link.url.lastIndexOf("/") + 1);
  const blob = await ask(
    api.GET("/v1/views/{token}", { params: { path: { token } }, parseAs: "blob", signal, cache: "no-store" }),
  );
  return createImageBitmap(blob);
}

/** The object may have been preserved under another case than this one, which holds the same bytes. */
async function fetchOfItsCase(
  evidence: string,
  body: Schemas["ViewRequest"],
  signal: AbortSignal,
): Promise<ImageBitmap> {
  try {
    return await fetchView(evidence, body, signal);
  } catch (thrown) {
    if (asApiError(thrown).code !== "opening.wrong_case") {
      throw thrown;
    }
    const object = await ask(api.GET("/v1/evidence/{id}", { params: { path: { id: evidence } }, signal }));
    return fetchView(evidence, { ...body, case: object.case }, signal);
  }
}

export function useViewer(caseId: string, item: CaseItem, mayView: boolean): Viewer {
  const client = useQueryClient();
  const { viewSeconds } = usePreferences();
  const [plate, dispatch] = useReducer(plateReducer, nothing);
  const [refusal, refuse] = useState<ApiError>();
  const [purpose, setPurpose] = useState(() => given.get(caseId));
  const bitmaps = useRef(new Map<number, ImageBitmap>());
  const count = useRef(0);
  const running = useRef<AbortController>();
  const evidence = item.evidence_id;
  const stayMs = viewSeconds * 1000;

  const { data: costs } = useQuery({
    queryKey: ["evidence", evidence, "costs"],
    queryFn: ({ signal }) => ask(api.GET("/v1/evidence/{id}/costs", { params: { path: { id: evidence ?? "" } }, signal })),
    enabled: mayView && evidence !== undefined,
  });

  const load = async (wish: Wish, why: Purpose) => {
    if (evidence === undefined) {
      return;
    }
    const controller = new AbortController();
    running.current = controller;
    refuse(undefined);
    try {
      const body = { case: caseId, purpose: why, grade: wish.grade, frame: wish.frame };
      const bitmap = await fetchOfItsCase(evidence, body, controller.signal);
      if (controller.signal.aborted) {
        bitmap.close();
        return;
      }
      bitmaps.current.set(++count.current, bitmap);
      dispatch({ type: "loaded", id: count.current, until: Date.now() + stayMs });
    } catch (thrown) {
      if (!controller.signal.aborted) {
        refuse(asApiError(thrown));
        dispatch({ type: "cancel" });
      }
    } finally {
      // It counts whether it was seen or not.
      void client.invalidateQueries({ queryKey: ["evidence", evidence] });
      void client.invalidateQueries({ queryKey: ["overview"] });
      void client.invalidateQueries({ queryKey: ["exposure"] });
      void client.invalidateQueries({ queryKey: ["cases", caseId], exact: true });
    }
  };

  const drop = useCallback(() => {
    running.current?.abort();
    dispatch({ type: "drop" });
  }, []);

  // Bitmaps that no layer has are closed at once.
  useEffect(() => {
    for (const [id, bitmap] of bitmaps.current) {
      if (!plate.layers.some((layer) => layer.id === id)) {
        bitmap.close();
        bitmaps.current.delete(id);
      }
    }
  }, [plate.layers]);

  useEffect(() => {
    const kept = bitmaps.current;
    const onHidden = () => {
      if (document.visibilityState === "hidden") {
        drop();
      }
    };
    window.addEventListener("blur", drop);
    window.addEventListener("pagehide", drop);
    window.addEventListener("beforeprint", drop);
    document.addEventListener("visibilitychange", onHidden);
    return () => {
      window.removeEventListener("blur", drop);
      window.removeEventListener("pagehide", drop);
      window.removeEventListener("beforeprint", drop);
      document.removeEventListener("visibilitychange", onHidden);
      running.current?.abort();
      for (const bitmap of kept.values()) {
        bitmap.close();
      }
      kept.clear();
    };
  }, [drop]);

  const isShown = plate.layers.length > 0;
  useEffect(() => {
    if (!isShown) {
      return undefined;
    }
    const awake = () => dispatch({ type: "awake", until: Date.now() + stayMs });
    const timer = window.setInterval(() => dispatch({ type: "tick", now: Date.now() }), TICK_MS);
    window.addEventListener("keydown", awake, true);
    window.addEventListener("pointerdown", awake, true);
    return () => {
      window.clearInterval(timer);
      window.removeEventListener("keydown", awake, true);
      window.removeEventListener("pointerdown", awake, true);
    };
  }, [isShown, stayMs]);

  return {
    plate,
    bitmapOf: (id) => bitmaps.current.get(id),
    costs,
    refusal,
    purpose,
    show: (wish) => {
      if (!mayView || evidence === undefined || plate.phase === "loading") {
        return;
      }
      dispatch({ type: "ask", wish, purposeKnown: purpose !== undefined });
      if (purpose !== undefined) {
        void load(wish, purpose);
      }
    },
    giveWhy: (why) => {
      given.set(caseId, why);
      setPurpose(why);
      if (plate.phase === "purpose" && plate.wish) {
        dispatch({ type: "purpose" });
        void load(plate.wish, why);
      }
    },
    cancel: () => dispatch({ type: "cancel" }),
    less: () => dispatch({ type: "less" }),
    drop,
  };
}
