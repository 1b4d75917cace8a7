// What the pages of this room ask the server.
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api";

const RUNNING_MS = 2000;
const REST_MS = 15_000;

export function useLists(): UseQueryResult<{ items: Schemas["List"][] }> {
  return useQuery({ queryKey: ["lists"], queryFn: ({ signal }) => ask(api.GET("/v1/lists", { signal })) });
}

export function useList(id: string): UseQueryResult<Schemas["List"]> {
  return useQuery({
    queryKey: ["lists", id],
    queryFn: ({ signal }) => ask(api.GET("/v1/lists/{id}", { params: { path: { id } }, signal })),
  });
}

/** Counting takes the server a while and it does so for one caller at a time: not often. */
export function useListStats(enabled = true): UseQueryResult<Schemas["ListStats"]> {
  return useQuery({
    queryKey: ["lists", "stats"],
    queryFn: ({ signal }) => ask(api.GET("/v1/stats/lists", { signal })),
    staleTime: 60_000,
    enabled,
  });
}

/** Asked for often while one runs, so that it is seen to move. */
export function useRescans(): UseQueryResult<{ items: Schemas["Rescan"][] }> {
  return useQuery({
    queryKey: ["rescans"],
    queryFn: ({ signal }) => ask(api.GET("/v1/rescans", { params: { query: { limit: 100 } }, signal })),
    refetchInterval: (query) => (query.state.data?.items.some((each) => each.state === "running") ? RUNNING_MS : REST_MS),
  });
}
