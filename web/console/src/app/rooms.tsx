// The rooms of the console: where they are, who has them. A room that a role lacks is not shown, and
// its address says so. `withTexts` names the catalogues of all that a page is made of, which
// scripts/catalogues.mjs holds against the code.
import type { ComponentType } from "react";
import type { Me } from "../api/session";
import { withTexts } from "../i18n";

export type RoomName =
  | "home"
  | "queue"
  | "notices"
  | "cases"
  | "reports"
  | "appeals"
  | "actions"
  | "evidence"
  | "lists"
  | "coverage"
  | "team"
  | "partners"
  | "duty"
  | "people"
  | "audit"
  | "settings"
  | "exposure"
  | "support";

export interface Room {
  name: RoomName;
  path: string;
  permissions: readonly string[]; // one of them is enough; none: everybody
  keys?: string;
  rail: "work" | "watch" | "own";
  page: ComponentType;
}

export const rooms: readonly Room[] = [
  { name: "home", path: "/", permissions: [], keys: "g h", rail: "work", page: withTexts(["overview", "exposure"], () => import("../pages/overview")) },
  { name: "queue", path: "/queue", permissions: ["case_decide"], keys: "g q", rail: "work", page: withTexts(["queue", "case"], () => import("../pages/queue")) },
  { name: "notices", path: "/notices", permissions: ["notice_read"], keys: "g n", rail: "work", page: withTexts(["notices"], () => import("../pages/notices")) },
  { name: "cases", path: "/cases", permissions: ["case_read"], keys: "g c", rail: "work", page: withTexts(["case"], () => import("../pages/cases")) },
  { name: "reports", path: "/reports", permissions: ["report_read", "report_register"], keys: "g f", rail: "work", page: withTexts(["reports", "reportform"], () => import("../pages/reports")) },
  { name: "appeals", path: "/appeals", permissions: ["appeal_decide"], keys: "g p", rail: "work", page: withTexts(["appeals", "case"], () => import("../pages/appeals")) },
  { name: "actions", path: "/actions", permissions: ["action_read"], keys: "g x", rail: "work", page: withTexts(["actions"], () => import("../pages/actions")) },
  { name: "evidence", path: "/evidence", permissions: ["evidence_list"], keys: "g e", rail: "work", page: withTexts(["evidence"], () => import("../pages/evidence")) },
  { name: "lists", path: "/lists", permissions: ["lists_read"], keys: "g l", rail: "watch", page: withTexts(["lists"], () => import("../pages/lists")) },
  { name: "coverage", path: "/coverage", permissions: ["coverage_read"], keys: "g v", rail: "watch", page: withTexts(["coverage", "alarms"], () => import("../pages/coverage")) },
  { name: "team", path: "/team", permissions: ["exposure_team"], keys: "g t", rail: "watch", page: withTexts(["team", "case"], () => import("../pages/team")) },
  { name: "partners", path: "/partners", permissions: ["partner_read"], keys: "g w", rail: "watch", page: withTexts(["partners"], () => import("../pages/partners")) },
  { name: "duty", path: "/duty", permissions: ["partner_read"], keys: "g d", rail: "watch", page: withTexts(["duty", "notices"], () => import("../pages/duty")) },
  { name: "people", path: "/people", permissions: ["people_manage", "evidence_assign"], keys: "g o", rail: "watch", page: withTexts(["people"], () => import("../pages/people")) },
  { name: "audit", path: "/audit", permissions: ["audit_read"], keys: "g a", rail: "watch", page: withTexts(["audit"], () => import("../pages/audit")) },
  { name: "settings", path: "/settings", permissions: [], keys: "g s", rail: "own", page: withTexts(["settings"], () => import("../pages/settings")) },
  { name: "exposure", path: "/exposure", permissions: [], keys: "g r", rail: "own", page: withTexts(["exposure"], () => import("../pages/exposure")) },
  { name: "support", path: "/support", permissions: [], keys: "g u", rail: "own", page: withTexts(["support"], () => import("../pages/support")) },
];

export const CasePage = withTexts(["case"], () => import("../pages/case"));
export const NotFound = withTexts([], () => import("../pages/notfound"));

export function mayEnter(me: Me, room: Room): boolean {
  return room.permissions.length === 0 || room.permissions.some((each) => me.permissions.includes(each));
}

export function roomsOf(me: Me): Room[] {
  return rooms.filter((room) => mayEnter(me, room));
}
