// How long the oldest case of a queue has waited for its first look, and how long it may.
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type ApiError, type Schemas } from "@/api";

type Case = Schemas["Case"];

const queues = ["urgent", "standard", "self_reported", "legal"] as const satisfies readonly Schemas["Queue"][];

export interface Age {
  queue: Schemas["Queue"];
  openedAt: number;
  promiseMs: number;
}

const PAGE = 50;
const POLL_MS = 60_000;

/** `open`: undecided cases of a queue, what is due first before the others. */
export function oldestOf(queue: Schemas["Queue"], open: readonly Case[]): Age | undefined {
  const first = open.find((each) => each.first_look_at === undefined);
  if (!first) {
    return undefined;
  }
  const openedAt = new Date(first.opened_at).getTime();
  return { queue, openedAt, promiseMs: new Date(first.first_look_due_at).getTime() - openedAt };
}

/** Past cases that somebody looked at and let go, which are due by another clock. */
async function fetchOldest(queue: Schemas["Queue"], signal: AbortSignal): Promise<Age | undefined> {
  for (let after: string | undefined; ; ) {
    const query = { queue, state: "open" as const, sort: "due" as const, limit: PAGE, ...(after === undefined ? {} : { after }) };
    const page = await ask(api.GET("/v1/cases", { params: { query }, signal }));
    const found = oldestOf(queue, page.items);
    if (found || page.next === undefined) {
      return found;
    }
    after = page.next;
  }
}

export function useAges(): UseQueryResult<Age[], ApiError> {
  return useQuery<Age[], ApiError>({
    queryKey: ["cases", "ages"],
    queryFn: async ({ signal }) => {
      const found = await Promise.all(queues.map((queue) => fetchOldest(queue, signal)));
      return found.filter((each) => each !== undefined);
    },
    refetchInterval: POLL_MS,
  });
}
