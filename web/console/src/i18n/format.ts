// Numbers, times and lengths of time in the chosen language, by Intl alone. Times always with zone.
import { useTranslation } from "react-i18next";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Moment = string | number | Date;

export interface Formats {
  number(value: number, options?: Intl.NumberFormatOptions): string;
  /** Of a share: 0.5 is 50 %. */
  percent(share: number): string;
  bytes(count: number): string;
  /** "22 Nov 2026, 14:03:12 GMT+1" */
  absolute(at: Moment): string;
  /** Of a plan, which is read by day and hour: "Tue, Nov 24, 06:00 AM UTC". */
  planned(at: Moment): string;
  date(at: Moment): string;
  /** "22 Nov", for axes. */
  day(at: Moment): string;
  /** "3 hours ago", "in 20 minutes" */
  relative(at: Moment, now: number): string;
  /** "3 h 20 min"; the two largest units that count. */
  duration(ms: number): string;
  list(items: string[]): string;
}

const cache = new Map<string, Formats>();

function unit(language: string, value: number, name: string): string {
  return new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
}

function makeFormats(language: string): Formats {
  const full = new Intl.DateTimeFormat(language, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
  const plan = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" });
  const short = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const list = new Intl.ListFormat(language, { type: "conjunction" });
  return {
    number: (value, options) => new Intl.NumberFormat(language, options).format(value),
    percent: (share) =>
      new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(share),
    bytes(count) {
      const names = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
      let value = count;
      let at = 0;
      while (value >= 1000 && at < names.length - 1) {
        value /= 1000;
        ++at;
      }
      return new Intl.NumberFormat(language, {
        style: "unit",
        unit: names[at] ?? "byte",
        unitDisplay: "short",
        maximumFractionDigits: value < 10 && at > 0 ? 1 : 0,
      }).format(value);
    },
    absolute: (at) => full.format(new Date(at)),
    planned: (at) => plan.format(new Date(at)),
    day: (at) => short.format(new Date(at)),
    date: (at) => day.format(new Date(at)),
    relative(at, now) {
      const away = new Date(at).getTime() - now;
      const size = Math.abs(away);
      if (size < MINUTE) {
        return relative.format(Math.trunc(away / 1000), "second");
      }
      if (size < HOUR) {
        return relative.format(Math.trunc(away / MINUTE), "minute");
      }
      if (size < DAY) {
        return relative.format(Math.trunc(away / HOUR), "hour");
      }
      return relative.format(Math.trunc(away / DAY), "day");
    },
    duration(ms) {
      const size = Math.max(0, ms);
      if (size < MINUTE) {
        return unit(language, Math.floor(size / 1000), "second");
      }
      const steps: [number, string][] = [
        [DAY, "day"],
        [HOUR, "hour"],
        [MINUTE, "minute"],
      ];
      const parts: string[] = [];
      let left = size;
      for (const [length, name] of steps) {
        const count = Math.floor(left / length);
        left -= count * length;
        if (count > 0 && parts.length < 2) {
          parts.push(unit(language, count, name));
        } else if (parts.length > 0) {
          break;
        }
      }
      return parts.join(" ");
    },
    list: (items) => list.format(items),
  };
}

export function formatsOf(language: string): Formats {
  const known = cache.get(language);
  if (known) {
    return known;
  }
  const made = makeFormats(language);
  cache.set(language, made);
  return made;
}

export function useFormats(): Formats {
  const { i18n } = useTranslation();
  return formatsOf(i18n.language);
}
