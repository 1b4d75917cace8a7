import { expect, it } from "vitest";
import type { Schemas } from "@/api";
import { mayRefuse, obstacleOf, type Request } from "./words";

const now = Date.parse("2026-11-22T12:00:00Z");
const lead: Schemas["Me"] = {
  principal: "person:1",
  tenant: "default",
  role: "lead",
  permissions: ["requests_read", "evidence_approve"],
  assigned_only: false,
};

function request(change: Partial<Request>): Request {
  return {
    id: "r",
    kind: "open_original",
    object: "evidence:e",
    case: "c",
    purpose: "review",
    reason: "why",
    state: "waiting",
    asked_by: "person:2",
    asked_at: "2026-11-22T11:00:00Z",
    usable_from: "2026-11-22T11:00:00Z",
    expires_at: "2026-11-23T11:00:00Z",
    ...change,
  };
}

it("lets another person with the right of this kind approve", () => {
  expect(obstacleOf(request({}), lead, now)).toBeUndefined();
  expect(obstacleOf(request({ kind: "export" }), lead, now)).toBe("role");
  expect(obstacleOf(request({ kind: "dispose" }), lead, now)).toBe("role");
});

it("never lets anybody approve their own, but take it back", () => {
  const own = request({ asked_by: "person:1" });
  expect(obstacleOf(own, lead, now)).toBe("own");
  expect(mayRefuse(own, lead, now)).toBe(true);
});

it("has nothing to answer once it was decided or ran out", () => {
  expect(obstacleOf(request({ state: "approved" }), lead, now)).toBe("decided");
  expect(obstacleOf(request({ expires_at: "2026-11-22T12:00:00Z" }), lead, now)).toBe("expired");
  expect(mayRefuse(request({ state: "refused" }), lead, now)).toBe(false);
});

it("approves the release of a report by releasing it, and may refuse it here", () => {
  const release = request({ kind: "release_report", object: "report:r" });
  const legal = { ...lead, permissions: ["requests_read", "report_release"] };
  expect(obstacleOf(release, legal, now)).toBe("by_release");
  expect(mayRefuse(release, legal, now)).toBe(true);
  expect(obstacleOf(release, lead, now)).toBe("role");
});
