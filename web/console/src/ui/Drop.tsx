// A button and what drops from it: the browser's own popover, which goes with Escape, with a press
// elsewhere, and when Tab leaves it; not when a page that arrives takes the focus.
import { Button } from "@mantine/core";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";

const EDGE = 4;

interface DropProps {
  label: ReactNode; // of the button
  about: string; // for screen readers
  up?: boolean; // above the button and to the right, instead of below and to the left
  children: (close: () => void) => ReactNode; // there while it is open
}

function place(panel: HTMLElement, button: HTMLElement, up: boolean): void {
  const { top, bottom, left, right } = button.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const { style } = panel;
  style.maxHeight = `${(up ? top : clientHeight - bottom) - 2 * EDGE}px`;
  if (up) {
    style.bottom = `${clientHeight - top + EDGE}px`;
    style.left = `${Math.max(EDGE, left)}px`;
  } else {
    style.top = `${bottom + EDGE}px`;
    style.right = `${Math.max(EDGE, clientWidth - right)}px`;
  }
}

export function Drop({ label, about, up = false, children }: DropProps) {
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const at = panel.current;
    if (!at) {
      return undefined;
    }
    const before = (event: Event) => {
      const opens = (event as ToggleEvent).newState === "open";
      if (opens && button.current) {
        place(at, button.current, up);
      }
      setOpen(opens);
    };
    const toggled = (event: Event) => {
      if ((event as ToggleEvent).newState === "open") {
        at.focus();
      }
    };
    let tabbed = false;
    const pressed = (event: KeyboardEvent) => (tabbed = event.key === "Tab");
    const left = (event: FocusEvent) => {
      const to = event.relatedTarget;
      if (tabbed && to instanceof Node && !at.contains(to) && to !== button.current) {
        at.hidePopover();
      }
    };
    at.addEventListener("beforetoggle", before);
    at.addEventListener("toggle", toggled);
    at.addEventListener("keydown", pressed);
    at.addEventListener("focusout", left);
    return () => {
      at.removeEventListener("beforetoggle", before);
      at.removeEventListener("toggle", toggled);
      at.removeEventListener("keydown", pressed);
      at.removeEventListener("focusout", left);
    };
  }, [up]);
  // Names of the platform that React 18 has no types for.
  return (
    <>
      <Button ref={button} variant="default" aria-haspopup="dialog" {...{ popovertarget: id }}>
        {label}
      </Button>
      <div ref={panel} id={id} className="drop" role="dialog" aria-label={about} tabIndex={-1} {...{ popover: "auto" }}>
        {open && children(() => panel.current?.hidePopover())}
      </div>
    </>
  );
}
