import { fireEvent, render } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { prefer } from "../app/preferences";
import { handleKey, useShortcut, type ShortcutOptions } from "./registry";

function Live({ keys, run, options }: { keys: string; run: () => void; options?: ShortcutOptions }) {
  useShortcut(keys, "a label", run, options);
  return null;
}

describe("shortcuts", () => {
  beforeEach(() => document.addEventListener("keydown", handleKey));
  afterEach(() => {
    document.removeEventListener("keydown", handleKey);
    prefer({ singleKeys: true });
  });

  it("run while their component is there, and not after", () => {
    const run = vi.fn();
    const { unmount } = render(<Live keys="j" run={run} />);
    fireEvent.keyDown(document.body, { key: "j" });
    unmount();
    fireEvent.keyDown(document.body, { key: "j" });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("do not run while somebody types, except with Ctrl or where they say so", () => {
    const plain = vi.fn();
    const mod = vi.fn();
    const own = vi.fn();
    const { getByRole } = render(
      <>
        <input />
        <Live keys="j" run={plain} />
        <Live keys="mod+k" run={mod} />
        <Live keys="Escape" run={own} options={{ inInputs: true }} />
      </>,
    );
    const input = getByRole("textbox");
    fireEvent.keyDown(input, { key: "j" });
    fireEvent.keyDown(input, { key: "k", ctrlKey: true });
    fireEvent.keyDown(input, { key: "Escape" });
    expect([plain, mod, own].map((each) => each.mock.calls.length)).toEqual([0, 1, 1]);
  });

  it("of two keys run one after the other, and the later of two on the same keys wins", () => {
    const queue = vi.fn();
    const first = vi.fn();
    const second = vi.fn();
    render(
      <>
        <Live keys="g q" run={queue} />
        <Live keys="x" run={first} />
        <Live keys="x" run={second} />
      </>,
    );
    for (const key of ["q", "g", "q", "x"]) {
      fireEvent.keyDown(document.body, { key });
    }
    expect([queue, first, second].map((each) => each.mock.calls.length)).toEqual([1, 0, 1]);
  });

  it("leave Enter to the button or link that has the focus", () => {
    const run = vi.fn();
    const { getByRole } = render(
      <>
        <button type="button">a</button>
        <Live keys="Enter" run={run} />
      </>,
    );
    fireEvent.keyDown(getByRole("button"), { key: "Enter" });
    expect(run).not.toHaveBeenCalled();
    fireEvent.keyDown(document.body, { key: "Enter" });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("leave the arrows to the radio buttons that have the focus", () => {
    const run = vi.fn();
    const { getByRole } = render(
      <>
        <input type="radio" name="a" />
        <Live keys="ArrowRight" run={run} />
      </>,
    );
    fireEvent.keyDown(getByRole("radio"), { key: "ArrowRight" });
    expect(run).not.toHaveBeenCalled();
    fireEvent.keyDown(document.body, { key: "ArrowRight" });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("are on keys that every layout has without AltGr", () => {
    const sources = import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
    const said = Object.entries(sources)
      .filter(([path]) => !path.includes(".test."))
      .flatMap(([, text]) => [...text.matchAll(/(?:useShortcut\(|\bkeys[:=] ?)"([^"]+)"/g)].map((found) => found[1] ?? ""));
    const plain = /^(?:(?:mod|alt|shift)\+)*(?:[a-z0-9.,?]|Enter|Escape|Space|Arrow(?:Up|Down|Left|Right))$/;
    expect(said.length).toBeGreaterThan(30);
    expect(said.filter((keys) => !keys.split(" ").every((chord) => plain.test(chord)))).toEqual([]);
  });

  it("of a page rest behind a dialog", () => {
    const page = vi.fn();
    const dialog = vi.fn();
    render(
      <>
        <div role="dialog" aria-modal="true" />
        <Live keys="j" run={page} options={{ scope: "everywhere" }} />
        <Live keys="Enter" run={dialog} options={{ scope: "dialog" }} />
      </>,
    );
    fireEvent.keyDown(document.body, { key: "j" });
    fireEvent.keyDown(document.body, { key: "Enter" });
    expect([page.mock.calls.length, dialog.mock.calls.length]).toEqual([0, 1]);
  });

  it("of one key can be switched off", () => {
    const run = vi.fn();
    render(<Live keys="j" run={run} />);
    prefer({ singleKeys: false });
    fireEvent.keyDown(document.body, { key: "j" });
    expect(run).not.toHaveBeenCalled();
  });
});
