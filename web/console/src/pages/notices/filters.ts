// The filters of the list, as the address has them. Pure.
import { kinds, queues, states } from "./words";

export const names = ["queue", "state", "waiting", "kind", "number", "flood", "case", "partner"] as const;
export type Filters = Partial<Record<(typeof names)[number], string>>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** An address may hold anything: what the server would not take is left out. */
export function queryOf(filters: Filters) {
  const id = (text: string | undefined) => (text !== undefined && UUID.test(text) ? text : undefined);
  return {
    queue: queues.find((each) => each === filters.queue),
    state: states.find((each) => each === filters.state),
    waiting: filters.waiting === "true" ? true : undefined,
    kind: kinds.find((each) => each === filters.kind),
    number: filters.number?.slice(0, 64),
    flood: filters.flood?.slice(0, 128),
    case: id(filters.case),
    partner: id(filters.partner),
  };
}
