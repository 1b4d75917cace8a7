// A table for work: head that stays, columns to choose, j and k and Enter on rows, pages by cursor.
// Where there is little room, columns stand under the first one with their names; nothing is lost.
// Each row has one link or button that opens it; the keys move the focus between those, so every row
// is reached without a mouse and said right by a screen reader.
import { Button, Checkbox } from "@mantine/core";
import { useRef, useState, type MouseEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useShortcut } from "../shortcuts/registry";
import type { Paging } from "./filters";
import { Drop } from "./Drop";
import { useFold } from "./fold";
import { Empty } from "./Page";
import { TimeFocus } from "./Time";

export interface Column<Row> {
  id: string;
  label: string;
  cell: (row: Row) => ReactNode;
  number?: boolean; // right-aligned
  fixed?: boolean; // cannot be hidden
  hidden?: boolean; // until chosen
  last?: boolean; // folds after the others where there is little room
}

export interface TableProps<Row> {
  name: string; // of this table; the choice of columns is kept under it
  label: string; // for screen readers
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** The first column becomes the link (or the button) of the row. */
  href?: (row: Row) => string;
  onOpen?: (row: Row) => void;
  empty: { title: string; text?: ReactNode };
  paging?: Paging;
  next?: string | undefined; // the server's cursor of the page after this one
  selection?: { chosen: ReadonlySet<string>; change: (chosen: Set<string>) => void; labelOf: (row: Row) => string };
  tools?: ReactNode;
  keys?: boolean; // j, k, x; off where a page has more than one table
  isCurrent?: (row: Row) => boolean; // the row whose contents the page shows
}

function storedColumns(name: string): string[] | undefined {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(`tutela.columns.${name}`) ?? "null");
    return Array.isArray(stored) ? stored.filter((each): each is string => typeof each === "string") : undefined;
  } catch {
    return undefined;
  }
}

function useColumns<Row>(name: string, columns: readonly Column<Row>[]) {
  const [chosen, setChosen] = useState(() => storedColumns(name));
  const isShown = (column: Column<Row>) =>
    column.fixed === true || (chosen ? chosen.includes(column.id) : column.hidden !== true);
  const toggle = (id: string) => {
    const now = columns.filter(isShown).map((column) => column.id);
    const next = now.includes(id) ? now.filter((each) => each !== id) : [...now, id];
    localStorage.setItem(`tutela.columns.${name}`, JSON.stringify(next));
    setChosen(next);
  };
  return { shown: columns.filter(isShown), isShown, toggle };
}

/** Which columns stay, and which stand under the first one: the rightmost first, those marked `last` after them. */
export function split<Row>(shown: readonly Column<Row>[], folded: number): { columns: Column<Row>[]; under: Column<Row>[] } {
  const rest = shown.slice(1);
  const order = [...rest.filter((column) => column.last !== true).reverse(), ...rest.filter((column) => column.last === true).reverse()];
  const under = new Set(order.slice(0, folded));
  return { columns: shown.filter((column) => !under.has(column)), under: rest.filter((column) => under.has(column)) };
}

/** What did not fit beside it. A column that says nothing of this row is left out. */
function Under<Row>({ row, columns }: { row: Row; columns: readonly Column<Row>[] }) {
  const cells = columns.map((column) => ({ column, cell: column.cell(row) }));
  const told = cells.filter(({ cell }) => cell !== "" && cell !== undefined && cell !== null && cell !== false);
  return told.length === 0 ? null : (
    <dl className="table-under">
      {told.map(({ column, cell }) => (
        <div key={column.id}>
          <dt>{column.label}</dt>
          <dd>{cell}</dd>
        </div>
      ))}
    </dl>
  );
}

const OPENERS = "[data-row-open]";

function openersOf(table: HTMLTableElement | null): HTMLElement[] {
  return table ? [...table.querySelectorAll<HTMLElement>(OPENERS)] : [];
}

export function Table<Row>(props: TableProps<Row>) {
  const { name, label, columns, rows, rowKey, href, onOpen, empty, paging, next, selection, tools } = props;
  const { t } = useTranslation("common");
  const table = useRef<HTMLTableElement>(null);
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const { shown, isShown, toggle } = useColumns(name, columns);
  const folded = useFold(box, shown.length - 1, shown.map((column) => column.id).join(), rows);
  const { columns: beside, under } = split(shown, folded);
  const opens = href !== undefined || onOpen !== undefined;
  const enabled = (props.keys ?? true) && rows.length > 0;

  const move = (step: number) => {
    const openers = openersOf(table.current);
    const row = document.activeElement?.closest("tr");
    const at = openers.findIndex((each) => each.closest("tr") === row);
    const target = openers[at < 0 ? (step > 0 ? 0 : openers.length - 1) : at + step];
    target?.focus();
    target?.scrollIntoView({ block: "nearest" });
  };
  const choose = (key: string) => {
    if (selection) {
      const chosen = new Set(selection.chosen);
      if (!chosen.delete(key)) {
        chosen.add(key);
      }
      selection.change(chosen);
    }
  };
  useShortcut("j", t("table.down"), () => move(1), { enabled: enabled && opens });
  useShortcut("k", t("table.up"), () => move(-1), { enabled: enabled && opens });
  useShortcut(
    "x",
    t("table.select"),
    () => {
      const key = document.activeElement?.closest("tr")?.dataset.key;
      if (key !== undefined) {
        choose(key);
      }
    },
    { enabled: enabled && selection !== undefined },
  );

  const opener = (row: Row, content: ReactNode) => {
    if (href) {
      return (
        <Link className="table-open" data-row-open to={href(row)} aria-current={props.isCurrent?.(row) ? "true" : undefined}>
          {content}
        </Link>
      );
    }
    if (onOpen) {
      return (
        <button type="button" className="table-open" data-row-open onClick={() => onOpen(row)}>
          {content}
        </button>
      );
    }
    return content;
  };
  // The mouse may hit anywhere in a row; keys and screen readers have the link.
  const onRowClick = (event: MouseEvent<HTMLTableRowElement>) => {
    const target = event.target as HTMLElement;
    if (target.closest("a,button,input,label,time") === null && window.getSelection()?.toString() === "") {
      event.currentTarget.querySelector<HTMLElement>(OPENERS)?.click();
    }
  };
  const turns = paging && (paging.toPrevious !== undefined || next !== undefined) ? paging : undefined;
  const choosable = columns.some((column) => column.fixed !== true);
  const hasFoot = turns !== undefined || choosable || tools !== undefined;
  const all = selection !== undefined && rows.length > 0 && rows.every((row) => selection.chosen.has(rowKey(row)));

  return (
    <TimeFocus.Provider value={false}>
      <div className="page" data-table={name}>
        {rows.length === 0 ? (
          <div className="table-box">
            <Empty title={empty.title}>{empty.text}</Empty>
          </div>
        ) : (
          <div className="table-box" role="region" aria-label={label} tabIndex={0} ref={setBox}>
            <table className={folded > 0 ? "table table-folded" : "table"} ref={table}>
              <caption className="sr-only">{label}</caption>
              <thead>
                <tr>
                  {selection && (
                    <th scope="col">
                      <Checkbox
                        size="xs"
                        aria-label={t("table.select_all")}
                        checked={all}
                        onChange={() => selection.change(all ? new Set() : new Set(rows.map(rowKey)))}
                      />
                    </th>
                  )}
                  {beside.map((column) => (
                    <th key={column.id} scope="col" className={column.number ? "number" : undefined}>
                      {column.label}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => {
                  const key = rowKey(row);
                  return (
                    <tr key={key} data-key={key} data-current={props.isCurrent?.(row) ? "" : undefined} onClick={opens ? onRowClick : undefined}>
                      {selection && (
                        <td>
                          <Checkbox
                            size="xs"
                            aria-label={selection.labelOf(row)}
                            checked={selection.chosen.has(key)}
                            onChange={() => choose(key)}
                          />
                        </td>
                      )}
                      {beside.map((column, at) =>
                        at === 0 ? (
                          <th key={column.id} scope="row" className={column.number ? "number" : undefined}>
                            {opener(row, column.cell(row))}
                            {under.length > 0 && <Under row={row} columns={under} />}
                          </th>
                        ) : (
                          <td key={column.id} className={column.number ? "number" : undefined}>
                            {column.cell(row)}
                          </td>
                        ),
                      )}
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        )}
        {hasFoot && (
          <div className="table-foot">
            {turns && (
              <nav aria-label={t("table.pages")} className="table-foot">
                <Button variant="default" disabled={turns.toPrevious === undefined} onClick={turns.toPrevious}>
                  {t("table.previous")}
                </Button>
                <span>{t("table.page", { page: turns.page })}</span>
                <Button variant="default" disabled={next === undefined} onClick={() => next !== undefined && turns.toNext(next)}>
                  {t("table.next")}
                </Button>
              </nav>
            )}
            {choosable && (
              <Drop label={t("table.columns")} about={t("table.columns")} up>
                {() => (
                  <div className="choices">
                    {columns.map((column) => (
                      <Checkbox
                        key={column.id}
                        label={column.label}
                        checked={isShown(column)}
                        disabled={column.fixed === true}
                        onChange={() => toggle(column.id)}
                      />
                    ))}
                  </div>
                )}
              </Drop>
            )}
            {tools}
          </div>
        )}
      </div>
    </TimeFocus.Provider>
  );
}
