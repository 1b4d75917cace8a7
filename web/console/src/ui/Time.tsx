// Moments: relative, with the exact time and its zone on hover and focus; the other way round for
// people who prefer it. Clocks: how long until something is due.
import { createContext, useContext } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../app/preferences";
import { useFormats, type Moment } from "../i18n/format";
import { useNow } from "../i18n/now";
import { Status } from "./Status";
import { Tip } from "./Tip";

/** False inside of tables, where a stop for each time would bury the rows. */
export const TimeFocus = createContext(true);

/** `planned`: by day and hour, also where others are relative. */
export function Time({ at, planned = false }: { at: Moment; planned?: boolean }) {
  const formats = useFormats();
  const isExact = usePreferences().exactTimes || planned;
  const focusable = useContext(TimeFocus);
  const date = new Date(at);
  const recent = Math.abs(Date.now() - date.getTime()) < 120_000;
  const now = useNow(recent ? 1000 : 30_000);
  const absolute = planned ? formats.planned(date) : formats.absolute(date);
  const relative = formats.relative(date, now);
  return (
    <Tip label={isExact ? relative : absolute}>
      <time dateTime={date.toISOString()} tabIndex={focusable ? 0 : undefined} className="nowrap">
        {isExact ? absolute : relative}
        {!isExact && <span className="sr-only">, {absolute}</span>}
      </time>
    </Tip>
  );
}

const NEAR_MS = 2 * 3600 * 1000;

/** A deadline: what is left of it, as a status. Never shown once `done`. */
export function Due({ at, nearMs = NEAR_MS }: { at: Moment; nearMs?: number }) {
  const { t } = useTranslation("common");
  const formats = useFormats();
  const focusable = useContext(TimeFocus);
  const date = new Date(at);
  const left = date.getTime() - useNow(Math.abs(date.getTime() - Date.now()) < 3_600_000 ? 1000 : 30_000);
  const kind = left < 0 ? "bad" : left < nearMs ? "warn" : "ok";
  const length = formats.duration(Math.abs(left));
  return (
    <Tip label={formats.absolute(date)}>
      <time dateTime={date.toISOString()} tabIndex={focusable ? 0 : undefined} className="nowrap">
        <Status kind={kind}>{left < 0 ? t("due.over", { length }) : t("due.left", { length })}</Status>
        <span className="sr-only">, {formats.absolute(date)}</span>
      </time>
    </Tip>
  );
}
