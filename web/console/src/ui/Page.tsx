// A page: one heading that takes the focus when one arrives, so that a screen reader says where one
// is; the document's title; and room for what can be done here.
import { useEffect, useRef, type ReactNode } from "react";
import { useLocation } from "react-router-dom";

export interface PageProps {
  title: string;
  about?: ReactNode;
  tools?: ReactNode;
  narrow?: boolean;
  fill?: boolean; // as high as the window, where it is wide enough: the page scrolls inside
  children: ReactNode;
}

let isFirst = true; // since the console was loaded

export function Page({ title, about, tools, narrow = false, fill = false, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    document.title = `${title} - Tutela`;
  }, [title]);
  useEffect(() => {
    // Whoever uses the frame while the first page is still on its way keeps the focus.
    if (!isFirst || document.activeElement === document.body || document.activeElement === null) {
      heading.current?.focus({ preventScroll: true });
    }
    isFirst = false;
  }, [pathname]);
  return (
    <div className={`page${narrow ? " page-narrow" : ""}${fill ? " page-fill" : ""}`}>
      <header className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {tools}
      </header>
      {about !== undefined && <p className="page-about">{about}</p>}
      {children}
    </div>
  );
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="section" aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** What will appear here, and how. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <b>{title}</b>
      {children !== undefined && <div>{children}</div>}
    </div>
  );
}
