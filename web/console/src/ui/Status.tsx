// A state as colour, word and shape: none of the three is needed to read it.
import type { ReactNode } from "react";

export type StatusKind = "ok" | "warn" | "bad" | "info" | "busy" | "off";

const shapes: Record<StatusKind, ReactNode> = {
  ok: <circle cx="5" cy="5" r="4.5" />,
  warn: <path d="M5 .5 9.8 9.5H.2Z" />,
  bad: <path d="M3 .5h4L9.5 3v4L7 9.5H3L.5 7V3Z" />,
  info: <rect x="1" y="1" width="8" height="8" />,
  busy: <path d="M5 .5a4.5 4.5 0 0 1 0 9z M5 1.5a3.5 3.5 0 0 0 0 7" />,
  off: <circle cx="5" cy="5" r="3.7" fill="none" stroke="currentColor" strokeWidth="1.6" />,
};

export function Status({ kind, children }: { kind: StatusKind; children: ReactNode }) {
  return (
    <span className="status" data-kind={kind}>
      <svg viewBox="0 0 10 10" aria-hidden="true" fill="currentColor">
        {shapes[kind]}
      </svg>
      <span>{children}</span>
    </span>
  );
}
