// What the Partners room fetches, and what is fetched again after a change.
import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api";

export function usePartners(ended: boolean): UseQueryResult<Schemas["PartnerList"]> {
  return useQuery<Schemas["PartnerList"]>({
    queryKey: ["partners", { ended }],
    queryFn: ({ signal }) => ask(api.GET("/v1/partners", { params: { query: ended ? { ended } : {} }, signal })),
  });
}

export function usePartnersChanged(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await Promise.all([client.invalidateQueries({ queryKey: ["partners"] }), client.invalidateQueries({ queryKey: ["coverage"] })]);
  };
}
