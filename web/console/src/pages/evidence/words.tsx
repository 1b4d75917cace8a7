// States of objects and requests, as colour, word and shape; who may answer which request.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Status, type StatusKind } from "@/ui";

export type Request = Schemas["Request"];
export type EvidenceState = Schemas["EvidenceState"];

export const states: readonly EvidenceState[] = ["kept", "held", "due", "destroying", "destroyed"];

const stateKinds: Record<EvidenceState, StatusKind> = { kept: "ok", held: "info", due: "warn", destroying: "busy", destroyed: "off" };
const requestKinds: Record<Request["state"], StatusKind> = { waiting: "busy", approved: "ok", refused: "off", used: "off", expired: "off" };
const approvals: Record<Request["kind"], string> = {
  open_original: "evidence_approve",
  export: "export_approve",
  dispose: "disposal_approve",
  release_report: "report_release", // to refuse it; it is approved by releasing the report
};

export function ObjectState({ state }: { state: EvidenceState }) {
  const { t } = useTranslation("evidence");
  return <Status kind={stateKinds[state]}>{t(`state.${state}`)}</Status>;
}

export function RequestState({ state }: { state: Request["state"] }) {
  const { t } = useTranslation("evidence");
  return <Status kind={requestKinds[state]}>{t(`request.${state}`)}</Status>;
}

/** Why somebody may not approve: undefined when they may. */
export type Obstacle = "decided" | "own" | "role" | "expired" | "by_release";

export function obstacleOf(request: Request, me: Schemas["Me"], now: number): Obstacle | undefined {
  if (request.state !== "waiting") {
    return "decided";
  }
  if (new Date(request.expires_at).getTime() <= now) {
    return "expired";
  }
  if (request.asked_by === me.principal) {
    return "own";
  }
  if (!me.permissions.includes(approvals[request.kind])) {
    return "role";
  }
  return request.kind === "release_report" ? "by_release" : undefined;
}

/** One's own can be taken back by anybody; another's is refused by who could approve it. */
export function mayRefuse(request: Request, me: Schemas["Me"], now: number): boolean {
  const obstacle = obstacleOf(request, me, now);
  return obstacle === undefined || obstacle === "own" || obstacle === "by_release";
}

export function shortOf(id: string): string {
  return id.length <= 12 ? id : `\u2026${id.slice(-8)}`;
}
