// How requests travel: with the session's CSRF token; refused for want of a fresh second factor or
// of a session, they wait until a person gave it and are sent again. A refused request was not
// carried out, so sending it again is safe for commands too.

export interface Gate {
  /** Asks for the second factor. Whether it was given. */
  stepUp(): Promise<boolean>;
  /** The session is over: asks to sign in. Whether the same person did. */
  signIn(): Promise<boolean>;
  /** Gets the CSRF token of the session as it is now. Whether there is one. */
  renew(): Promise<boolean>;
}

const UNATTENDED_MS = 60_000;
let lastInput = Date.now();
for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) {
  window.addEventListener(kind, () => (lastInput = Date.now()), { capture: true, passive: true });
}

let csrf = "";
let gate: Gate | undefined;

export function setCsrf(token: string | undefined): void {
  csrf = token ?? "";
}

export function setGate(to: Gate | undefined): void {
  gate = to;
}

/** Sends without waiting for anybody: for signing in itself. */
export function sendPlain(request: Request): Promise<Response> {
  if (request.method !== "GET" && csrf !== "") {
    request.headers.set("X-Tutela-CSRF", csrf);
  }
  if (Date.now() - lastInput > UNATTENDED_MS) {
    request.headers.set("X-Tutela-Unattended", "1"); // what a page repeats by itself keeps no session alive
  }
  return fetch(request);
}

async function codeOf(response: Response): Promise<string> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return typeof body === "object" && body !== null && "code" in body ? String(body.code) : "";
}

function remedyOf(status: number, code: string, at: Gate): (() => Promise<boolean>) | undefined {
  if (status === 401 || code === "auth.second_factor") {
    return () => at.signIn();
  }
  if (code === "auth.not_fresh") {
    return () => at.stepUp();
  }
  if (code === "auth.csrf") {
    return () => at.renew();
  }
  return undefined;
}

const REMEDIES_MAX = 3; // a session that ended, then a second factor that is no longer fresh

export async function send(request: Request): Promise<Response> {
  let spare = request.clone();
  let response = await sendPlain(request);
  for (let tried = 0; tried < REMEDIES_MAX && gate; ++tried) {
    if (response.status !== 401 && response.status !== 403) {
      break;
    }
    const remedy = remedyOf(response.status, await codeOf(response), gate);
    if (!remedy || !(await remedy())) {
      break;
    }
    const next = spare;
    spare = next.clone();
    response = await sendPlain(next);
  }
  return response;
}
