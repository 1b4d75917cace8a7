// How a list is: from what the server counts. Pure, so that it can be tested.
import type { Schemas } from "@/api";

export type Health = "removed" | "inactive" | "empty" | "stale" | "shrunk" | "fresh";

const STALE_MS = 7 * 24 * 3600 * 1000; // as the server's "list.stale"

export interface Seen {
  list: Schemas["List"];
  newest?: string | undefined; // when its youngest signal came
  withdrawn?: { signals: number; at: string } | undefined; // the latest withdrawal
  now: number;
}

export function healthOf({ list, newest, withdrawn, now }: Seen): Health {
  if (list.state !== "active") {
    return list.state;
  }
  if (list.signal_count === 0) {
    return "empty";
  }
  const changed = Math.max(new Date(list.updated_at).getTime(), newest === undefined ? 0 : new Date(newest).getTime());
  if (now - changed > STALE_MS) {
    return "stale";
  }
  // What was withdrawn in the last days is worth a look: a feed that lost much may be broken.
  return withdrawn && now - new Date(withdrawn.at).getTime() < STALE_MS ? "shrunk" : "fresh";
}

/** The latest withdrawal of signals from each list, by its id. */
export function withdrawalsOf(rescans: readonly Schemas["Rescan"][]): Map<string, { signals: number; at: string }> {
  const latest = new Map<string, { signals: number; at: string }>();
  for (const rescan of rescans) {
    const known = latest.get(rescan.list_id);
    if (rescan.cause === "list_withdrawn" && rescan.signals > 0 && (!known || known.at < rescan.created_at)) {
      latest.set(rescan.list_id, { signals: rescan.signals, at: rescan.created_at });
    }
  }
  return latest;
}

/** Who has to consent before a list matches. */
export type Consent = "one" | "two" | "wait";

export function consentOf(purpose: Schemas["Purpose"], role: string): Consent {
  if (purpose === "test" || purpose === "canary") {
    return "one";
  }
  return role === "solo" ? "wait" : "two";
}
