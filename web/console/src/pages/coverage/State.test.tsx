import { render, screen, within } from "@testing-library/react";
import { MemoryRouter } from "react-router-dom";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Schemas } from "@/api";
import { loadTexts, startLanguages } from "../../i18n";
import { PeopleWait, State } from "./State";

vi.mock("@/api", () => ({ useMe: () => ({ permissions: ["coverage_read", "lists_read"] }) }));

const MINUTE_MS = 60_000;
/** Some seconds more: clocks of pages go in steps. */
const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS - 45_000).toISOString();

function coverage(state: Schemas["WatchLevel"], alarms: Schemas["Alarm"][]): Schemas["Coverage"] {
  return {
    state,
    at: ago(0),
    started_at: ago(600),
    alarms,
    canaries: [],
    doors: [],
    lists: [],
    backlog: { owed: 0, done: 0, per_second: 0 },
    samples: { same: 0, different: 0, failed: 0, owed: 0 },
    told: [],
  };
}

function show(state: Schemas["WatchLevel"], alarms: Schemas["Alarm"][]) {
  render(
    <MemoryRouter>
      <State coverage={coverage(state, alarms)} />
    </MemoryRouter>,
  );
}

describe("the state of detection", () => {
  beforeAll(async () => {
    localStorage.setItem("tutela.language", "en");
    await startLanguages();
    await loadTexts(["coverage", "alarms"]);
  });

  it("says of an alarm what happened, since when, what is safe and what to do, once for all that it is of", () => {
    const missed = (object: string) => ({ code: "canary.missed", object, level: "blind" as const, why: `Of ${object}.`, since: ago(3), times: 2 });
    show("blind", [missed("http/jpeg"), missed("http/png")]);
    expect(screen.getByText("Detection cannot be relied on")).toBeTruthy();
    const alarms = screen.getByRole("list", { name: "What is wrong now" });
    expect(within(alarms).getAllByRole("heading", { level: 3 }).map((each) => each.textContent)).toEqual(["A canary came back without its match"]);
    expect(within(alarms).getByText("http, jpeg")).toBeTruthy();
    expect(within(alarms).getByText("Of http/png.").lang).toBe("en");
    expect(within(alarms).getAllByText(/^3 minutes ago/)).toHaveLength(2);
    expect(within(alarms).getAllByText("What happened")).toHaveLength(1);
    expect(within(alarms).getByText(/^What matched before stays held/)).toBeTruthy();
    expect(within(alarms).getByText(/searched again by itself/)).toBeTruthy();
  });

  it("leads to the room that has the remedy", () => {
    show("degraded", [{ code: "list.stale", object: "known", level: "degraded", why: "Old.", since: ago(3), times: 1 }]);
    expect(screen.getByRole("link", { name: "To the lists" }).getAttribute("href")).toBe("/lists");
    expect(screen.queryByText(/times within a day/)).toBeNull();
  });

  it("shows a code that it has no words for as the server says it", () => {
    show("degraded", [{ code: "moon.full", object: "", level: "degraded", why: "It is.", since: ago(3), times: 1 }]);
    expect(screen.getByRole("heading", { level: 3 }).textContent).toBe("moon.full");
    expect(screen.getByText("It is.")).toBeTruthy();
    expect(screen.queryByText("What happened")).toBeNull();
  });

  it("keeps what waits for people apart: detection is on", () => {
    const alarms = [{ code: "intake.imminent", object: "", level: "degraded" as const, why: "1 notice.", since: ago(3), times: 1 }];
    show("ok", alarms);
    expect(screen.getByText("Nothing stands in its way.")).toBeTruthy();
    expect(screen.queryByText("1 notice.")).toBeNull();
    render(
      <MemoryRouter>
        <PeopleWait alarms={alarms} />
      </MemoryRouter>,
    );
    expect(within(screen.getByRole("list", { name: "Notices and partners" })).getByText("1 notice.")).toBeTruthy();
  });

  it("says that nothing is wrong", () => {
    show("ok", []);
    expect(screen.getByText("Detection is on")).toBeTruthy();
    expect(screen.getByText("Nothing stands in its way.")).toBeTruthy();
  });
});
