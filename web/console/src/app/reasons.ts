// The server's reasons for an amber or red strip, in words and with the room that has the remedy.
import { useTranslation } from "react-i18next";
import { useFormats } from "../i18n/format";

/** One code, and all that it is said of: doors, lists, formats. */
export interface Reason {
  code: string;
  objects: string[];
}

const DANGER = "intake.imminent";

/** In the order of the codes' first place, but somebody in danger before all: only a few are shown. */
export function grouped(reasons: readonly { code: string; object?: string }[]): Reason[] {
  const groups = new Map<string, string[]>();
  for (const { code, object } of reasons) {
    const objects = groups.get(code) ?? [];
    groups.set(code, object === undefined || object === "" ? objects : [...objects, object]);
  }
  const all = [...groups].map(([code, objects]) => ({ code, objects }));
  return [...all.filter(({ code }) => code === DANGER), ...all.filter(({ code }) => code !== DANGER)];
}

/** False of what waits for people (as in src/watch/alarms/codes.cpp): detection is on all the same. */
export function concernsDetection({ code }: { code: string }): boolean {
  return !/^(intake|partner)\./.test(code);
}

/** "http/jpeg" is of a door and a format. */
export function objectText(object: string): string {
  return object.replaceAll("/", ", ");
}

/** The short name of a code; the server's own where the catalogue lacks it. */
export function useCodeText(): (code: string) => string {
  const { t, i18n } = useTranslation("common");
  return (code) => {
    const key = `reason.${code.replaceAll(".", "_")}`;
    return i18n.exists(key, { ns: "common" }) ? t(key as "reason.store_down") : code;
  };
}

export function useReasonText(): (reason: Reason) => string {
  const formats = useFormats();
  const text = useCodeText();
  return ({ code, objects }) => {
    const [first] = objects;
    if (first === undefined) {
      return text(code);
    }
    if (code.startsWith("intake.") && objects.length === 1) {
      return text(code); // the queue is said where this leads to
    }
    return objects.length === 1 ? `${text(code)}: ${objectText(first)}` : `${text(code)} (${formats.number(objects.length)})`;
  };
}

const remedies: readonly [prefix: string, way: string][] = [
  ["list", "/lists"],
  ["outbox.", "/actions"],
  ["rate.", "/coverage/bands"],
  ["unscannable.", "/coverage/counts"],
  ["intake.capacity", "/duty/staffing"],
  ["intake.no_duty", "/duty"],
  ["intake.", "/notices"],
  ["partner.", "/partners"],
];

/** Where more is said; `rooms` are the paths of those that one has. */
export function wayTo(code: string, rooms: ReadonlySet<string>): string | undefined {
  const way = remedies.find(([prefix]) => code.startsWith(prefix))?.[1] ?? "/coverage";
  const room = `/${way.split("/")[1] ?? ""}`;
  return rooms.has(room) ? way : rooms.has("/coverage") ? "/coverage" : undefined;
}
