import { describe, expect, it, vi } from "vitest";
import { allHours } from "./queries";

const get = vi.hoisted(() => vi.fn<(path: string, options: { params: { query: { from: string; until: string } } }) => unknown>());
vi.mock("@/api", () => ({ api: { GET: get }, ask: (answer: unknown) => answer }));

const hour = (number: number) => `2026-11-23T0${number}:00:00.000Z`;
const cell = (number: number) => ({ at: hour(number), door: "http", media_type: "", verdict: "arrived", items: 1, bytes: 1 });

describe("the hours", () => {
  it("are asked for until none is left out", async () => {
    get.mockImplementation((_path, { params }) => {
      const at = Number(params.query.from.slice(12, 13));
      return { from: params.query.from, until: hour(at + 1), items: [cell(at)], canaries: [], ...(at < 3 ? { next: hour(at + 1) } : {}) };
    });
    const all = await allHours({ from: Date.parse(hour(0)), until: Date.parse(hour(4)) }, new AbortController().signal);
    expect(all.items.map(({ at }) => at)).toEqual([hour(0), hour(1), hour(2), hour(3)]);
    expect(all.until).toBe(hour(4));
    expect(get.mock.calls.map(([, { params }]) => params.query)).toEqual([0, 1, 2, 3].map((number) => ({ from: hour(number), until: hour(4) })));
  });
});
