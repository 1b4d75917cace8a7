import { expect, it } from "vitest";
import type { Schemas } from "@/api";
import { isOwed, merge } from "./words";

type CaseAction = Schemas["CaseAction"];

function action(id: string, state: CaseAction["state"], at: string): CaseAction {
  return { id, case: "c", kind: "content.remove", target: "t", state, at };
}

it("shows what failed before what waits, the oldest debt first", () => {
  const all = merge([
    { items: [action("w2", "waiting", "2026-11-02T00:00:00Z"), action("w1", "waiting", "2026-11-01T00:00:00Z")], receiver: true },
    { items: [action("f", "failed", "2026-11-03T00:00:00Z")], receiver: true },
    { items: [action("d1", "done", "2026-10-01T00:00:00Z"), action("d2", "done", "2026-10-02T00:00:00Z")], receiver: true },
  ]);
  expect(all.items.map((each) => each.id)).toEqual(["f", "w1", "w2", "d2", "d1"]);
});

it("says that there is no receiver as soon as one answer does", () => {
  expect(merge([{ items: [], receiver: true }, { items: [], receiver: false }]).receiver).toBe(false);
});

it("takes only what is done off the debts", () => {
  expect(isOwed(action("a", "failed", ""))).toBe(true);
  expect(isOwed(action("a", "waiting", ""))).toBe(true);
  expect(isOwed(action("a", "done", ""))).toBe(false);
});
