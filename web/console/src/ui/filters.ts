// What a list shows is in the address: filters, order and the page. A link to it shows the same.
import { useCallback, useMemo } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router-dom";

export type Filters<Name extends string> = Partial<Record<Name, string>>;

export interface FilterState<Name extends string> {
  filters: Filters<Name>;
  /** "" and undefined remove one. A change begins at the first page. */
  set: (change: Filters<Name>) => void;
  clear: () => void;
  any: boolean;
}

/** The filters of a page, by the names of their query parameters; others are left alone. */
export function useFilters<Name extends string>(names: readonly Name[]): FilterState<Name> {
  const [parameters, setParameters] = useSearchParams();
  const key = names.join(" ");
  const filters = useMemo(() => {
    const found: Filters<Name> = {};
    for (const name of key.split(" ") as Name[]) {
      const value = parameters.get(name);
      if (value !== null && value !== "") {
        found[name] = value;
      }
    }
    return found;
  }, [parameters, key]);
  const set = useCallback(
    (change: Filters<Name>) => {
      setParameters((before) => {
        const next = new URLSearchParams(before);
        next.delete("after");
        for (const [name, value] of Object.entries<string | undefined>(change)) {
          if (value === undefined || value === "") {
            next.delete(name);
          } else {
            next.set(name, value);
          }
        }
        return next;
      });
    },
    [setParameters],
  );
  const clear = useCallback(
    () => set(Object.fromEntries(key.split(" ").map((name) => [name, undefined])) as Filters<Name>),
    [set, key],
  );
  return { filters, set, clear, any: Object.keys(filters).length > 0 };
}

export interface Paging {
  after: string | undefined; // to ask the server for
  page: number; // 1, 2, ...
  toNext: (next: string) => void;
  toPrevious: (() => void) | undefined; // undefined on the first page
}

function trailOf(state: unknown): string[] {
  if (typeof state === "object" && state !== null && "trail" in state && Array.isArray(state.trail)) {
    return state.trail.filter((each): each is string => typeof each === "string");
  }
  return [];
}

/** Pages by the server's cursors: `after` is in the address, the way back in the history entry. */
export function usePaging(): Paging {
  const [parameters] = useSearchParams();
  const location = useLocation();
  const navigate = useNavigate();
  const after = parameters.get("after") ?? undefined;
  const trail = trailOf(location.state);
  const go = (cursor: string | undefined, way: string[]) => {
    const next = new URLSearchParams(parameters);
    if (cursor === undefined || cursor === "") {
      next.delete("after");
    } else {
      next.set("after", cursor);
    }
    navigate({ pathname: location.pathname, search: next.toString() }, { state: { trail: way } });
  };
  return {
    after,
    page: trail.length + 1,
    toNext: (cursor) => go(cursor, [...trail, after ?? ""]),
    toPrevious: after === undefined ? undefined : () => go(trail.at(-1), trail.slice(0, -1)),
  };
}
