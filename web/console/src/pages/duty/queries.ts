// What the Duty room fetches, and what is fetched again after a change.
import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api";

const POLL_MS = 30_000;

export function useDuty(): UseQueryResult<Schemas["DutyWhole"]> {
  return useQuery<Schemas["DutyWhole"]>({
    queryKey: ["duty"],
    queryFn: ({ signal }) => ask(api.GET("/v1/duty", { signal })),
    refetchInterval: POLL_MS,
  });
}

export function useStaffing(): UseQueryResult<Schemas["StaffingWhole"]> {
  return useQuery<Schemas["StaffingWhole"]>({
    queryKey: ["staffing"],
    queryFn: ({ signal }) => ask(api.GET("/v1/staffing", { signal })),
    refetchInterval: POLL_MS,
  });
}

export function useDutyChanged(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await Promise.all(["duty", "staffing", "coverage"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
}
