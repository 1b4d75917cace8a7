// A word more on what the pointer is over or the focus is on. It can be pointed at itself, and goes
// with Escape (WCAG 1.4.13).
import { cloneElement, useEffect, useId, useLayoutEffect, useRef, useState, type ReactElement, type ReactNode } from "react";
import { createPortal } from "react-dom";

const OPEN_MS = 300;
const CLOSE_MS = 100; // to get from what it is about to the tip
const EDGE = 4;

interface TipProps {
  label: ReactNode;
  children: ReactElement<Record<string, unknown>>;
}

function Bubble({ id, of, label, ...over }: { id: string; of: Element; label: ReactNode; onMouseEnter: () => void; onMouseLeave: () => void }) {
  const bubble = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const at = bubble.current;
    if (at) {
      const anchor = of.getBoundingClientRect();
      const own = at.getBoundingClientRect();
      const above = anchor.top - own.height - EDGE;
      at.style.top = `${above < EDGE ? anchor.bottom + EDGE : above}px`;
      const left = anchor.left + (anchor.width - own.width) / 2;
      at.style.left = `${Math.max(EDGE, Math.min(left, document.documentElement.clientWidth - own.width - EDGE))}px`;
    }
  });
  return createPortal(
    <span ref={bubble} id={id} role="tooltip" className="tip" {...over}>
      {label}
    </span>,
    document.body,
  );
}

export function Tip({ label, children }: TipProps) {
  const id = useId();
  const [of, setOf] = useState<Element>(); // what it is about, while it is shown
  const timer = useRef<number>();
  const after = (ms: number, next: Element | undefined) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setOf(next), ms);
  };
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useEffect(() => {
    if (!of) {
      return undefined;
    }
    const close = () => setOf(undefined);
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && close();
    document.addEventListener("keydown", onKey);
    document.addEventListener("scroll", close, true);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("scroll", close, true);
    };
  }, [of]);
  return (
    <>
      {cloneElement(children, {
        onMouseEnter: (event: MouseEvent) => after(OPEN_MS, event.currentTarget as Element),
        onMouseLeave: () => after(CLOSE_MS, undefined),
        onFocus: (event: FocusEvent) => (event.currentTarget as Element).matches(":focus-visible") && after(0, event.currentTarget as Element),
        onBlur: () => after(0, undefined),
        ...(of ? { "aria-describedby": id } : {}),
      })}
      {of && <Bubble id={id} of={of} label={label} onMouseEnter={() => after(0, of)} onMouseLeave={() => after(CLOSE_MS, undefined)} />}
    </>
  );
}
