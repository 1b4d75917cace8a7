import { describe, expect, it } from "vitest";
import type { Schemas } from "../api/client";
import { grouped, objectText, wayTo } from "./reasons";
import { watchedOf } from "./watched";

const detection: Schemas["Detection"] = {
  state: "on",
  reasons: [],
  doors: [
    { door: "http", state: "on", items_today: 4 },
    { door: "nats", state: "off", items_today: 0 },
  ],
  lists: { active: 3, signals: 900, empty: [], stale: ["old"] },
  owed: 0,
};

function canary(door: string, format: string, good?: string): Schemas["CanaryLine"] {
  return { door, format, last: good === undefined ? "none" : "good", sent: 1, good: 1, ...(good === undefined ? {} : { last_good_at: good }) };
}

function coverage(canaries: Schemas["CanaryLine"][]): Schemas["Coverage"] {
  return {
    state: "ok",
    at: "2026-11-22T10:00:00Z",
    started_at: "2026-11-22T09:00:00Z",
    alarms: [{ code: "list.stale", object: "old", level: "degraded", why: "old", since: "2026-11-22T09:00:00Z", times: 1 }],
    canaries,
    doors: [{ door: "http", level: "ok", scanning: true, on_error: "hold", items_today: 4, let_through: 0 }],
    lists: ["canary", "old", "known"].map((name) => ({
      name,
      purpose: name === "canary" ? "canary" : "known_csam",
      signals: 8,
      changed_at: "2026-11-01T00:00:00Z",
    })),
    backlog: { owed: 0, done: 0, per_second: 0 },
    samples: { same: 0, different: 0, failed: 0, owed: 0 },
    told: [],
  };
}

describe("the strip", () => {
  it("says what everybody is told where one does not read coverage", () => {
    expect(watchedOf(detection, undefined)).toEqual({ doors: 2, on: 1, fresh: 2, canaryAt: undefined });
  });

  it("counts the lists that are fresh, without that of the canaries", () => {
    expect(watchedOf(detection, coverage([]))).toEqual({ doors: 1, on: 1, fresh: 1, canaryAt: undefined });
  });

  it("names the last good canary of the door that has waited longest for one", () => {
    const seen = coverage([canary("http", "jpeg", "2026-11-22T10:00:40Z"), canary("http", "png", "2026-11-22T10:00:00Z"), canary("grpc", "png", "2026-11-22T10:00:20Z")]);
    expect(watchedOf(detection, seen).canaryAt).toBe("2026-11-22T10:00:20Z");
    expect(watchedOf(detection, coverage([canary("http", "jpeg", "2026-11-22T10:00:40Z"), canary("grpc", "png")])).canaryAt).toBeUndefined();
  });
});

describe("reasons", () => {
  it("stand once for each code, with all that they are of", () => {
    expect(grouped([{ code: "canary.missed", object: "http/jpeg" }, { code: "owed.old" }, { code: "canary.missed", object: "http/png" }])).toEqual([
      { code: "canary.missed", objects: ["http/jpeg", "http/png"] },
      { code: "owed.old", objects: [] },
    ]);
    expect(objectText("http/jpeg")).toBe("http, jpeg");
  });

  it("begin with somebody in danger", () => {
    expect(grouped([{ code: "intake.detection" }, { code: "intake.due_soon", object: "imminent" }, { code: "intake.flood" }, { code: "intake.imminent" }])[0]?.code).toBe("intake.imminent");
  });

  it("lead to a room that one has, or nowhere", () => {
    const operator = new Set(["/", "/lists", "/coverage"]);
    expect(wayTo("list.empty", operator)).toBe("/lists");
    expect(wayTo("lists.none_active", operator)).toBe("/lists");
    expect(wayTo("outbox.late", operator)).toBe("/coverage");
    expect(wayTo("rate.zero", operator)).toBe("/coverage/bands");
    expect(wayTo("canary.missed", new Set(["/"]))).toBeUndefined();
  });
});
