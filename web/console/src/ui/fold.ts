// How many columns a table must fold under its first one to fit its box: as few as do. More when a
// row needs more room; fewer only when the box or the columns change, so that nothing flickers.
import { useLayoutEffect, useState } from "react";

/** `rows` and `columns`: whatever is another one when they are others. */
export function useFold(box: HTMLElement | null, most: number, columns: string, rows: unknown): number {
  const [folded, fold] = useState(0);
  const [width, setWidth] = useState(0); // with the scroll bar, which comes and goes with folding
  useLayoutEffect(() => {
    if (!box || typeof ResizeObserver === "undefined") {
      return undefined;
    }
    const watch = new ResizeObserver(() => setWidth(box.offsetWidth));
    watch.observe(box);
    return () => watch.disconnect();
  }, [box]);
  useLayoutEffect(() => fold(0), [width, columns]);
  useLayoutEffect(() => {
    if (box && box.scrollWidth > box.clientWidth && folded < most) {
      fold(folded + 1);
    }
  }, [box, folded, most, width, columns, rows]);
  return Math.min(folded, most);
}
