// Small pieces that several pages lay out alike.
import { Fragment, type ReactNode } from "react";
import styles from "./parts.module.css";

export function Stack({ children }: { children: ReactNode }) {
  return <div className={styles.stack}>{children}</div>;
}

export function Row({ children }: { children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}

export function Note({ children }: { children: ReactNode }) {
  return <p className={`dim ${styles.note ?? ""}`}>{children}</p>;
}

export function Mono({ children }: { children: ReactNode }) {
  return <span className={`mono ${styles.wrap ?? ""}`}>{children}</span>;
}

/** Names and what they stand for; what is undefined or false is left out. */
export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {rows
        .filter(([, value]) => value !== undefined && value !== false && value !== "")
        .map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}
