import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api";
import { consentOf, healthOf, withdrawalsOf } from "./health";

const now = Date.parse("2026-11-22T12:00:00Z");
const list: Schemas["List"] = {
  id: "l",
  name: "demo",
  source: "own",
  provenance: "",
  legal_process: "",
  classification: "test",
  purpose: "test",
  action: "hold",
  automation: false,
  pdq_distance_max: 31,
  version: 1,
  state: "active",
  signal_count: 7,
  created_at: "2026-11-01T00:00:00Z",
  updated_at: "2026-11-22T00:00:00Z",
};

describe("the health of a list", () => {
  it("says nothing of lists that match nothing", () => {
    expect(healthOf({ list: { ...list, state: "inactive", signal_count: 0 }, now })).toBe("inactive");
  });

  it("is empty before it is stale", () => {
    expect(healthOf({ list: { ...list, signal_count: 0, updated_at: "2020-01-01T00:00:00Z" }, now })).toBe("empty");
  });

  it("is stale after seven days without a change, and a new signal is one", () => {
    const old = { ...list, updated_at: "2026-11-15T11:59:59Z" };
    expect(healthOf({ list: old, now })).toBe("stale");
    expect(healthOf({ list: { ...list, updated_at: "2026-11-15T12:00:00Z" }, now })).toBe("fresh");
    expect(healthOf({ list: old, newest: "2026-11-22T11:00:00Z", now })).toBe("fresh");
  });

  it("has shrunk while a withdrawal is young", () => {
    expect(healthOf({ list, withdrawn: { signals: 3, at: "2026-11-22T11:00:00Z" }, now })).toBe("shrunk");
    expect(healthOf({ list, withdrawn: { signals: 3, at: "2026-11-01T00:00:00Z" }, now })).toBe("fresh");
  });
});

it("takes the latest withdrawal of each list, and growth for none", () => {
  const rescan = (list_id: string, cause: Schemas["Rescan"]["cause"], created_at: string, signals = 1): Schemas["Rescan"] => ({
    id: created_at,
    cause,
    list_id,
    state: "done",
    signals,
    contents: 1,
    examined: 1,
    found: 0,
    created_at,
    updated_at: created_at,
  });
  const found = withdrawalsOf([
    rescan("a", "list_withdrawn", "2026-11-01T00:00:00Z", 5),
    rescan("a", "list_withdrawn", "2026-11-03T00:00:00Z", 2),
    rescan("a", "list_grew", "2026-11-04T00:00:00Z"),
    rescan("b", "asked", "2026-11-04T00:00:00Z"),
  ]);
  expect([...found]).toEqual([["a", { signals: 2, at: "2026-11-03T00:00:00Z" }]]);
});

it("asks two people for all lists but those of tests", () => {
  expect(consentOf("known_csam", "operator")).toBe("two");
  expect(consentOf("self_reported", "solo")).toBe("wait");
  expect(consentOf("canary", "operator")).toBe("one");
  expect(consentOf("test", "solo")).toBe("one");
});
