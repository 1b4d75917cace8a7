// What the pages of the room ask for.
import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type ApiError, type Schemas } from "@/api";
import { useNow } from "../../i18n/now";
import { HOUR_MS } from "./counts";

const POLL_MS = 60_000;

export interface Span {
  from: number;
  until: number; // the end of the present hour
}

/** The last so many hours, the present one among them. */
export function useSpan(hours: number): Span {
  const now = useNow(POLL_MS);
  const until = Math.floor(now / HOUR_MS) * HOUR_MS + HOUR_MS;
  return { from: until - hours * HOUR_MS, until };
}

/** Every hour of it: what one answer leaves out is asked for again. */
export async function allHours({ from, until }: Span, signal: AbortSignal): Promise<Schemas["CoverageHours"]> {
  const query = { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
  const all = await ask(api.GET("/v1/coverage/hours", { params: { query }, signal }));
  let { next } = all;
  while (next !== undefined) {
    const more: Schemas["CoverageHours"] = await ask(api.GET("/v1/coverage/hours", { params: { query: { ...query, from: next } }, signal }));
    all.items = all.items.concat(more.items);
    all.canaries = all.canaries.concat(more.canaries);
    all.until = more.until;
    next = more.next;
  }
  return all;
}

export function useHours({ from, until }: Span): UseQueryResult<Schemas["CoverageHours"], ApiError> {
  return useQuery<Schemas["CoverageHours"], ApiError>({
    queryKey: ["coverage", "hours", from, until],
    queryFn: ({ signal }) => allHours({ from, until }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  });
}

export function useBands(): UseQueryResult<Schemas["CoverageBands"], ApiError> {
  return useQuery<Schemas["CoverageBands"], ApiError>({
    queryKey: ["coverage", "bands"],
    queryFn: ({ signal }) => ask(api.GET("/v1/coverage/bands", { signal })),
    refetchInterval: POLL_MS,
  });
}

export function useAlarmEvents(after: string | undefined): UseQueryResult<Schemas["AlarmPage"], ApiError> {
  return useQuery<Schemas["AlarmPage"], ApiError>({
    queryKey: ["alarms", after],
    queryFn: ({ signal }) =>
      ask(api.GET("/v1/alarms", { params: { query: { limit: 50, ...(after === undefined ? {} : { after }) } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  });
}

export function useStats(days: string): UseQueryResult<Schemas["ReviewStats"], ApiError> {
  return useQuery<Schemas["ReviewStats"], ApiError>({
    queryKey: ["stats", "review", days],
    queryFn: ({ signal }) => ask(api.GET("/v1/stats/review", { params: { query: { days: Number(days) } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  });
}
