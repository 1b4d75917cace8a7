// What the Reports room fetches, and what is fetched again after a change.
import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api";
import type { FormSpec } from "./form";
import type { ReportDocument, ReportWhole } from "./words";

const POLL_MS = 10_000;
const FILING_MS = 2000;
const STAYS_MS = 60 * 60_000;

export function useReport(id: string): UseQueryResult<ReportWhole> {
  return useQuery<ReportWhole>({
    queryKey: ["reports", "one", id],
    queryFn: ({ signal }) => ask(api.GET("/v1/reports/{id}", { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.report.state === "released" ? FILING_MS : POLL_MS),
  });
}

export function useReportDocument(id: string): UseQueryResult<ReportDocument> {
  return useQuery<ReportDocument>({
    queryKey: ["reports", "document", id],
    queryFn: ({ signal }) => ask(api.GET("/v1/reports/{id}/document", { params: { path: { id } }, signal })),
  });
}

/** Changes from the version before to `number`. */
export function useReportChanges(id: string, number: number): UseQueryResult<Schemas["ReportChanges"]> {
  return useQuery<Schemas["ReportChanges"]>({
    queryKey: ["reports", "changes", id, number],
    queryFn: ({ signal }) => ask(api.GET("/v1/reports/{id}/changes", { params: { path: { id }, query: { from: number - 1, to: number } }, signal })),
    enabled: number > 1,
  });
}

/** The same for every call of one version of the server. */
export function useReportForm(): UseQueryResult<FormSpec> {
  return useQuery<FormSpec>({
    queryKey: ["reports", "form"],
    queryFn: async ({ signal }) => (await ask(api.GET("/v1/reports/form", { signal }))) as unknown as FormSpec,
    staleTime: STAYS_MS,
  });
}

/** After a change: the report, its lists, and what waits. */
export function useReportsChanged(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey: ["reports"], predicate: ({ queryKey }) => queryKey[1] !== "form" }),
      client.invalidateQueries({ queryKey: ["overview"] }),
      client.invalidateQueries({ queryKey: ["cases"] }),
    ]);
  };
}
