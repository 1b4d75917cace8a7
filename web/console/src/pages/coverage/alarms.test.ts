import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api";
import { arrives, codeOf, codes, groupsOf, orderOfBands } from "./alarms";

function alarm(code: string, object: string, level: "degraded" | "blind", since: string): Schemas["Alarm"] {
  return { code, object, level, why: "because", since, times: 1 };
}

describe("alarms", () => {
  it("stand together by code, the worst first, since the first of them", () => {
    const groups = groupsOf([
      alarm("list.stale", "a", "degraded", "2026-11-22T10:00:00Z"),
      alarm("canary.missed", "http/jpeg", "blind", "2026-11-22T11:00:00Z"),
      alarm("canary.missed", "http/png", "blind", "2026-11-22T10:59:00Z"),
    ]);
    expect(groups.map(({ code, level, since, alarms }) => [code, level, since, alarms.length])).toEqual([
      ["canary.missed", "blind", "2026-11-22T10:59:00Z", 2],
      ["list.stale", "degraded", "2026-11-22T10:00:00Z", 1],
    ]);
  });

  it("are as bad as the worst of one code", () => {
    const [group] = groupsOf([alarm("owed.old", "", "degraded", "2026-11-22T10:00:00Z"), alarm("owed.old", "x", "blind", "2026-11-22T10:01:00Z")]);
    expect(group?.level).toBe("blind");
  });

  it("have words for every code that the watch can say, in both languages", () => {
    // What the watch says is written in its header: the codes of conditions.
    const openapi = process.env.TUTELA_OPENAPI ?? path.resolve(__dirname, "../../../../../spec/openapi.yaml");
    const text = readFileSync(path.resolve(path.dirname(openapi), "../src/watch/alarms/observations.hpp"), "utf8");
    const comment = text.slice(text.indexOf("Codes of conditions"), text.indexOf("#pragma once"));
    const said = [...comment.matchAll(/\b([a-z]+\.[a-z_]+)\b/g)].map(([code]) => code.replaceAll(".", "_"));
    expect([...new Set(said)].sort()).toEqual([...codes].sort());
    for (const language of ["en", "de"]) {
      const read = (name: string) => JSON.parse(readFileSync(path.resolve(__dirname, `../../locales/${language}/${name}.json`), "utf8")) as Record<string, Record<string, unknown>>;
      for (const code of codes) {
        expect(Object.keys(read("alarms").code?.[code] ?? {}), `${language} ${code}`).toEqual(["happened", "safe", "do"]);
        expect(read("common").reason?.[code], `${language} ${code}`).toBeTruthy();
      }
    }
  });

  it("know the server's codes, and leave others to their own words", () => {
    expect(codeOf("canary.missed")).toBe("canary_missed");
    expect(codeOf("door.unheard_of")).toBeUndefined();
  });
});

describe("bands", () => {
  it("put what is outside first", () => {
    const band = (list: string, state: Schemas["Band"]["state"], items = 1) => ({ list, door: "http", media_type: "image/png", items, matches: 0, state });
    const order = orderOfBands([band("a", "within"), band("b", "unknown"), band("c", "low"), band("d", "zero"), band("e", "within", 9)]);
    expect(order.map(({ list }) => list)).toEqual(["d", "c", "b", "e", "a"]);
  });
});

describe("channels", () => {
  it("fail when the last attempt did", () => {
    const channel = (success?: string, failure?: string) => ({
      channel: "email" as const,
      waiting: 0,
      ...(success === undefined ? {} : { last_success_at: success }),
      ...(failure === undefined ? {} : { last_failure_at: failure }),
    });
    expect(arrives(channel())).toBeUndefined();
    expect(arrives(channel("2026-11-22T10:00:00Z"))).toBe(true);
    expect(arrives(channel("2026-11-22T10:00:00Z", "2026-11-22T09:00:00Z"))).toBe(true);
    expect(arrives(channel("2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"))).toBe(false);
    expect(arrives(channel(undefined, "2026-11-22T11:00:00Z"))).toBe(false);
  });
});
