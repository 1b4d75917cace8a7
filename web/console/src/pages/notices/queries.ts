// What the Notices room fetches, and what is fetched again after a change.
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api";
import type { operations } from "../../api/schema";
import type { NoticeWhole } from "./words";

export type NoticeQuery = NonNullable<operations["listNotices"]["parameters"]["query"]>;

export const POLL_MS = 10_000;

export function noticesQuery(query: NoticeQuery) {
  return {
    queryKey: ["notices", "list", query],
    queryFn: ({ signal }: { signal: AbortSignal }) => ask(api.GET("/v1/notices", { params: { query }, signal })),
    refetchInterval: POLL_MS,
  };
}

export function useNotices(query: NoticeQuery): UseQueryResult<Schemas["NoticePage"]> {
  return useQuery<Schemas["NoticePage"]>({ ...noticesQuery(query), placeholderData: keepPreviousData });
}

export function useNotice(id: string): UseQueryResult<NoticeWhole> {
  return useQuery<NoticeWhole>({
    queryKey: ["notices", "one", id],
    queryFn: ({ signal }) => ask(api.GET("/v1/notices/{id}", { params: { path: { id } }, signal })),
    refetchInterval: POLL_MS,
  });
}

const OF_CASE = 20;

/** Page after page, the newest first. */
export function useCaseNotices(id: string) {
  return useInfiniteQuery({
    queryKey: ["notices", "case", id],
    queryFn: ({ pageParam, signal }) =>
      ask(api.GET("/v1/cases/{id}/notices", { params: { path: { id }, query: { limit: OF_CASE, after: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Schemas["NoticePage"]) => page.next,
    refetchInterval: 2 * POLL_MS,
  });
}

/** After a change: the notice, its lists, and what waits. */
export function useNoticesChanged(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await Promise.all([client.invalidateQueries({ queryKey: ["notices"] }), client.invalidateQueries({ queryKey: ["overview"] })]);
  };
}
