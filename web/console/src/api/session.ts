// Who is signed in: one store for the whole console. A session that ends while somebody works does
// not take the page away: the page waits, hidden, until the same person is back.
import { useSyncExternalStore } from "react";
import { ask, session as plain, type Schemas } from "./client";
import { ApiError, asApiError } from "./problem";
import { setCsrf } from "./transport";

export type Me = Schemas["Me"];
export type Phase =
  | "asking" // nothing is known yet
  | "out"
  | "in"
  | "ended"; // was in; `me` is who it was

export interface SessionState {
  phase: Phase;
  me?: Me;
  error?: ApiError; // of asking
}

let state: SessionState = { phase: "asking" };
const listeners = new Set<() => void>();
const forgets: (() => void)[] = [];
let waiting: ((same: boolean) => void)[] = [];

function become(next: SessionState): void {
  state = next;
  for (const listener of listeners) {
    listener();
  }
}

/** What to do before another person, or nobody, is signed in: what one was shown is nobody else's. */
export function onOtherPerson(run: () => void): void {
  forgets.push(run);
}

function forget(): void {
  for (const run of forgets) {
    run();
  }
}

function release(same: boolean): void {
  const released = waiting;
  waiting = [];
  for (const resolve of released) {
    resolve(same);
  }
}

export function sessionState(): SessionState {
  return state;
}

export function useSession(): SessionState {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, sessionState);
}

/** The person who is signed in. Only below the gate. */
export function useMe(): Me {
  const { me } = useSession();
  if (!me) {
    throw new Error("useMe outside of a session");
  }
  return me;
}

export function useMay(): (permission: string) => boolean {
  const me = useMe();
  return (permission) => me.permissions.includes(permission);
}

/** Asks the server who one is; at start and after a sign-in. */
export async function refreshMe(): Promise<void> {
  try {
    const me = await ask(plain.GET("/v1/me"));
    setCsrf(me.csrf);
    const same = state.me?.principal === me.principal;
    if (!same) {
      forget();
    }
    become({ phase: "in", me });
    release(same);
  } catch (thrown) {
    const error = asApiError(thrown);
    if (error.status === 401 || error.status === 403) {
      if (state.phase !== "ended") {
        become({ phase: "out" });
      }
      return;
    }
    if (state.phase === "asking") {
      become({ phase: "asking", error });
      return;
    }
    throw error;
  }
}

/** The session is over; resolves when somebody signed in: whether it is the same person. */
export function sessionEnded(): Promise<boolean> {
  if (state.phase === "out" || state.phase === "asking") {
    return Promise.resolve(false);
  }
  if (state.phase === "in") {
    become({ phase: "ended", ...(state.me ? { me: state.me } : {}) });
  }
  return new Promise((resolve) => waiting.push(resolve));
}

/** The token of the session as it is now: another tab may have signed in again. */
export async function renewCsrf(): Promise<boolean> {
  const me = await ask(plain.GET("/v1/me")).catch(() => undefined);
  if (!me || me.principal !== state.me?.principal) {
    return false;
  }
  setCsrf(me.csrf);
  return true;
}

export async function signOut(everywhere: boolean): Promise<void> {
  await ask(everywhere ? plain.DELETE("/v1/sessions") : plain.DELETE("/v1/session")).catch((thrown: unknown) => {
    if (asApiError(thrown).status !== 401) {
      throw thrown;
    }
  });
  setCsrf(undefined);
  forget();
  become({ phase: "out" });
  release(false);
}
