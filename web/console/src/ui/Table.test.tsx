import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { MemoryRouter, useLocation } from "react-router-dom";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startLanguages } from "../i18n";
import { handleKey } from "../shortcuts/registry";
import { useFilters, usePaging } from "./filters";
import { Table, split, type Column } from "./Table";

interface Row {
  id: string;
  state: string;
}

const rows: Row[] = ["a", "b", "c"].map((id) => ({ id, state: `state ${id}` }));
const columns: Column<Row>[] = [
  { id: "id", label: "Id", cell: (row) => row.id, fixed: true },
  { id: "state", label: "State", cell: (row) => row.state },
];

function Where() {
  const { pathname, search } = useLocation();
  return <output>{pathname + search}</output>;
}

function Screen() {
  const paging = usePaging();
  const { filters, set } = useFilters(["state"] as const);
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  return (
    <>
      <button onClick={() => set({ state: filters.state === undefined ? "open" : "" })}>filter</button>
      <Table
        name="test"
        label="Things"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        href={(row) => `/things/${row.id}`}
        empty={{ title: "Nothing" }}
        paging={paging}
        next={paging.page < 3 ? `cursor${paging.page}` : undefined}
        selection={{ chosen, change: choose, labelOf: (row) => `choose ${row.id}` }}
      />
      <Where />
    </>
  );
}

function show(at: string) {
  render(
    <MantineProvider>
      <MemoryRouter initialEntries={[at]}>
        <Screen />
      </MemoryRouter>
    </MantineProvider>,
  );
}

const where = () => screen.getByRole("status").textContent;
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });

describe("a table", () => {
  beforeAll(async () => {
    localStorage.setItem("tutela.language", "en");
    await startLanguages();
  });
  beforeEach(() => document.addEventListener("keydown", handleKey));
  afterEach(() => document.removeEventListener("keydown", handleKey));

  it("is walked with j and k and marked with x", () => {
    show("/things");
    press("j");
    expect(document.activeElement?.textContent).toBe("a");
    press("j");
    press("j");
    press("j");
    expect(document.activeElement?.textContent).toBe("c");
    press("k");
    press("x");
    expect(document.activeElement?.getAttribute("href")).toBe("/things/b");
    expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "choose b" }).checked).toBe(true);
    expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "choose a" }).checked).toBe(false);
  });

  it("turns pages by cursors that stand in the address, and back", () => {
    show("/things?other=1");
    const next = () => fireEvent.click(screen.getByRole("button", { name: "Next page" }));
    next();
    expect(where()).toBe("/things?other=1&after=cursor1");
    next();
    expect(where()).toBe("/things?other=1&after=cursor2");
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Next page" }).disabled).toBe(true);
    fireEvent.click(screen.getByRole("button", { name: "Previous page" }));
    expect(where()).toBe("/things?other=1&after=cursor1");
    fireEvent.click(screen.getByRole("button", { name: "Previous page" }));
    expect(where()).toBe("/things?other=1");
  });

  it("begins at the first page when a filter changes", () => {
    show("/things?after=cursor1&other=1");
    fireEvent.click(screen.getByRole("button", { name: "filter" }));
    expect(where()).toBe("/things?other=1&state=open");
    fireEvent.click(screen.getByRole("button", { name: "filter" }));
    expect(where()).toBe("/things?other=1");
  });

  it("folds what does not fit under the first column, with its name", () => {
    const widths = vi.spyOn(HTMLElement.prototype, "scrollWidth", "get").mockImplementation(function (this: HTMLElement) {
      return 100 * this.querySelectorAll("thead th").length;
    });
    const room = vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(250);
    show("/things");
    expect(screen.getAllByRole("columnheader").map((each) => each.textContent)).toEqual(["", "Id"]);
    const row = screen.getAllByRole("rowheader")[1];
    expect(row?.textContent).toBe("bStatestate b");
    expect(row?.querySelector("dt")?.textContent).toBe("State");
    expect(screen.getByRole("link", { name: "b" }).getAttribute("href")).toBe("/things/b");
    widths.mockRestore();
    room.mockRestore();
  });

  it("folds from the right, and what is marked so last", () => {
    const shown = ["a", "b", "c", "d"].map((id) => ({ id, label: id, cell: () => id, last: id === "d" }));
    const idsOf = (folded: number) => split(shown, folded).columns.map((column) => column.id).join("");
    expect([0, 1, 2, 3].map(idsOf)).toEqual(["abcd", "abd", "ad", "a"]);
    expect(split(shown, 2).under.map((column) => column.id)).toEqual(["b", "c"]);
  });

  it("marks all rows of the page, and none", () => {
    show("/things");
    const all = screen.getByRole("checkbox", { name: "Select all rows of this page" });
    fireEvent.click(all);
    expect(screen.getAllByRole<HTMLInputElement>("checkbox").every((each) => each.checked)).toBe(true);
    fireEvent.click(all);
    expect(screen.getAllByRole<HTMLInputElement>("checkbox").some((each) => each.checked)).toBe(false);
  });
});
