// What every page shows: whether detection is on, what waits, one's own exposure.
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "./client";
import type { ApiError } from "./problem";
import { useMay } from "./session";

const POLL_MS = 10_000;

export const overviewKey = ["overview"] as const;
export const exposureKey = ["exposure"] as const;

export function useOverview(): UseQueryResult<Schemas["Overview"], ApiError> {
  return useQuery<Schemas["Overview"], ApiError>({
    queryKey: overviewKey,
    queryFn: ({ signal }) => ask(api.GET("/v1/overview", { signal })),
    refetchInterval: POLL_MS,
    refetchIntervalInBackground: true,
    staleTime: POLL_MS / 2,
  });
}

/** All that the watch sees; of those who read coverage. */
export function useCoverage(): UseQueryResult<Schemas["Coverage"], ApiError> {
  const may = useMay();
  return useQuery<Schemas["Coverage"], ApiError>({
    queryKey: ["coverage"],
    queryFn: ({ signal }) => ask(api.GET("/v1/coverage", { signal })),
    refetchInterval: POLL_MS,
    refetchIntervalInBackground: true,
    staleTime: POLL_MS / 2,
    enabled: may("coverage_read"),
  });
}

/** With the days; the ring takes its part from the overview. */
export function useExposure(): UseQueryResult<Schemas["Exposure"], ApiError> {
  return useQuery<Schemas["Exposure"], ApiError>({
    queryKey: exposureKey,
    queryFn: ({ signal }) => ask(api.GET("/v1/exposure", { signal })),
    staleTime: POLL_MS / 2,
  });
}

/** What people outside told us, by queue; of those who read it. */
export function useNoticeQueues(): UseQueryResult<Schemas["NoticeQueues"], ApiError> {
  const may = useMay();
  return useQuery<Schemas["NoticeQueues"], ApiError>({
    queryKey: ["notices", "queues"],
    queryFn: ({ signal }) => ask(api.GET("/v1/notices/queues", { signal })),
    refetchInterval: POLL_MS,
    staleTime: POLL_MS / 2,
    enabled: may("notice_read"),
  });
}

/** Debts, clocks, authorities and whom to call; of those who read reports. */
export function useReportSummary(): UseQueryResult<Schemas["ReportSummary"], ApiError> {
  const may = useMay();
  return useQuery<Schemas["ReportSummary"], ApiError>({
    queryKey: ["reports", "summary"],
    queryFn: ({ signal }) => ask(api.GET("/v1/reports/summary", { signal })),
    refetchInterval: POLL_MS,
    staleTime: POLL_MS / 2,
    enabled: may("report_read"),
  });
}
