// The plate on which a view appears: what is shown, what was asked for, and when it goes away. It
// starts as nothing and falls back to nothing; every step up is one act. Values alone: the pixels are
// kept by useViewer, one bitmap for each layer here.

export const grades = ["outline", "mosaic", "grey_blurred", "grey_small", "full"] as const;
export type Grade = (typeof grades)[number];
export type Frame = number | "sheet";

export interface Wish {
  grade: Grade;
  frame: Frame;
}

export interface Layer extends Wish {
  id: number; // of its bitmap
}

export interface Plate {
  /** What was shown, the least first; the last is on top. Less takes the last away and asks nobody. */
  layers: readonly Layer[];
  wish: Wish | undefined;
  phase: "rest" | "purpose" | "loading";
  until: number; // when what is shown goes away; 0 while nothing is
}

export type PlateEvent =
  | { type: "ask"; wish: Wish; purposeKnown: boolean }
  | { type: "purpose" }
  | { type: "cancel" } // or failed: what is shown stays
  | { type: "loaded"; id: number; until: number }
  | { type: "less" }
  | { type: "awake"; until: number } // a key
  | { type: "tick"; now: number }
  | { type: "drop" };

export const nothing: Plate = { layers: [], wish: undefined, phase: "rest", until: 0 };

export function topOf(plate: Plate): Layer | undefined {
  return plate.layers.at(-1);
}

export function plateReducer(plate: Plate, event: PlateEvent): Plate {
  switch (event.type) {
    case "ask":
      return plate.phase === "loading"
        ? plate
        : { ...plate, wish: event.wish, phase: event.purposeKnown ? "loading" : "purpose" };
    case "purpose":
      return plate.phase === "purpose" ? { ...plate, phase: "loading" } : plate;
    case "cancel":
      return { ...plate, wish: undefined, phase: "rest" };
    case "loaded": {
      const { wish } = plate;
      if (plate.phase !== "loading" || !wish) {
        return plate; // it was dropped meanwhile
      }
      // Below it stays what shows less of the same.
      const below = plate.layers.filter(
        (each) => each.frame === wish.frame && grades.indexOf(each.grade) < grades.indexOf(wish.grade),
      );
      return {
        layers: [...below, { ...wish, id: event.id }],
        wish: undefined,
        phase: "rest",
        until: event.until,
      };
    }
    case "less": {
      const layers = plate.layers.slice(0, -1);
      return layers.length === 0 ? nothing : { ...plate, layers, wish: undefined, phase: "rest" };
    }
    case "awake":
      return plate.layers.length === 0 ? plate : { ...plate, until: event.until };
    case "tick":
      return plate.layers.length > 0 && event.now >= plate.until ? nothing : plate;
    case "drop":
      return plate === nothing ? plate : nothing;
  }
}

/** One grade more; a contact sheet has no full grade. */
export function moreOf(plate: Plate): Wish | undefined {
  const top = topOf(plate);
  if (!top) {
    return { grade: "outline", frame: 0 };
  }
  const grade = grades[grades.indexOf(top.grade) + 1];
  return grade === undefined || (grade === "full" && top.frame === "sheet") ? undefined : { grade, frame: top.frame };
}

/** Another frame, in the grade that is shown; the server lets nobody skip one. */
export function frameOf(plate: Plate, step: number, frames: number): Wish | undefined {
  const top = topOf(plate);
  if (!top || frames < 2) {
    return undefined;
  }
  const frame = top.frame === "sheet" ? 0 : Math.min(frames - 1, Math.max(0, top.frame + step));
  return frame === top.frame ? undefined : { grade: top.grade, frame };
}

/** All of it at once, small: never more than what is shown, and never full. */
export function sheetOf(plate: Plate, frames: number): Wish | undefined {
  const top = topOf(plate);
  if (frames < 2 || top?.frame === "sheet") {
    return undefined;
  }
  return { grade: top === undefined ? "outline" : top.grade === "full" ? "grey_small" : top.grade, frame: "sheet" };
}

export const SHEET_TIMES = 2; // what a sheet costs, in views of its grade

export function pointsOf(costs: Record<string, number> | undefined, wish: Wish): number | undefined {
  const one = costs?.[wish.grade];
  return one === undefined ? undefined : one * (wish.frame === "sheet" ? SHEET_TIMES : 1);
}
