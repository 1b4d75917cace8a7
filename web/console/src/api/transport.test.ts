import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { api, ask, commandHeader } from "./client";
import { CommandKeys } from "./command";
import { ApiError } from "./problem";
import { setCsrf, setGate, type Gate } from "./transport";

const id = "01900000-0000-7000-8000-000000000001";
let seen: Request[] = [];

function answerWith(...answers: (() => Response)[]): void {
  seen = [];
  vi.stubGlobal("fetch", (request: Request) => {
    seen.push(request.clone());
    const answer = answers[Math.min(seen.length, answers.length) - 1];
    return answer ? Promise.resolve(answer()) : Promise.reject(new TypeError("no answer"));
  });
}

function problem(status: number, code: string): () => Response {
  return () =>
    new Response(
      JSON.stringify({ type: `urn:tutela:error:${code}`, title: "", status, detail: "why", code, request_id: id }),
      { status, headers: { "Content-Type": "application/problem+json" } },
    );
}

const fine = () => new Response(JSON.stringify({ contacts: [] }), { headers: { "Content-Type": "application/json" } });
const accepted = () => new Response(null, { status: 202, headers: { "Content-Length": "0" } });

function gateOf(change: Partial<Gate>): Gate {
  const no = () => Promise.resolve(false);
  return { stepUp: no, signIn: no, renew: no, ...change };
}

const raise = () => ask(api.POST("/v1/concerns", { body: { kind: "other", text: "a" } }));

describe("calls", () => {
  beforeEach(() => {
    setCsrf("token");
    setGate(gateOf({}));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    setCsrf(undefined);
    setGate(undefined);
  });

  it("carry the CSRF token when they change something, and only then", async () => {
    answerWith(fine);
    await ask(api.GET("/v1/support"));
    expect(seen[0]?.headers.has("X-Tutela-CSRF")).toBe(false);
    answerWith(accepted);
    await raise();
    expect(seen[0]?.headers.get("X-Tutela-CSRF")).toBe("token");
  });

  it("carry the key of their command", async () => {
    answerWith(accepted);
    await ask(
      api.POST("/v1/cases/{id}/notes", {
        params: { path: { id }, header: commandHeader("key-1") },
        body: { version: 1, text: "a" },
      }),
    );
    expect(seen[0]?.headers.get("Idempotency-Key")).toBe("key-1");
    expect(new URL(seen[0]?.url ?? "").pathname).toBe(`/v1/cases/${id}/notes`);
  });

  it("become an ApiError with code, detail and request when they are refused", async () => {
    answerWith(problem(409, "case.version"));
    const error = await raise().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 409, code: "case.version", detail: "why", requestId: id, refused: true });
  });

  it("become an ApiError when nobody or somebody else answers", async () => {
    answerWith();
    await expect(raise()).rejects.toMatchObject({ status: 0, code: "console.unreachable", refused: false });
    answerWith(() => new Response("<html>", { status: 502 }));
    await expect(raise()).rejects.toMatchObject({ status: 502, code: "console.bad_answer", refused: false });
  });

  it("are sent again, whole and with the new token, after the same person signed in", async () => {
    setGate(
      gateOf({
        signIn: () => {
          setCsrf("new");
          return Promise.resolve(true);
        },
      }),
    );
    answerWith(problem(401, "auth.bad_session"), accepted);
    await raise();
    expect(seen).toHaveLength(2);
    expect(seen[1]?.headers.get("X-Tutela-CSRF")).toBe("new");
    expect(await seen[1]?.json()).toEqual({ kind: "other", text: "a" });
  });

  it("are sent again after the second factor was given", async () => {
    const stepUp = vi.fn(() => Promise.resolve(true));
    setGate(gateOf({ stepUp }));
    answerWith(problem(403, "auth.not_fresh"), accepted);
    await raise();
    expect(stepUp).toHaveBeenCalledTimes(1);
    expect(seen).toHaveLength(2);
  });

  it("stay refused when nobody gives what is asked, and are not sent for ever", async () => {
    answerWith(problem(403, "auth.not_fresh"));
    await expect(raise()).rejects.toMatchObject({ code: "auth.not_fresh" });
    expect(seen).toHaveLength(1);
    setGate(gateOf({ stepUp: () => Promise.resolve(true) }));
    answerWith(problem(403, "auth.not_fresh"));
    await expect(raise()).rejects.toMatchObject({ code: "auth.not_fresh" });
    expect(seen.length).toBeLessThan(6);
  });

  it("are not repeated for a right that the role lacks", async () => {
    setGate(gateOf({ stepUp: () => Promise.resolve(true), signIn: () => Promise.resolve(true) }));
    answerWith(problem(403, "auth.missing_permission"));
    await expect(raise()).rejects.toMatchObject({ code: "auth.missing_permission" });
    expect(seen).toHaveLength(1);
  });
});

describe("the key of a command", () => {
  const unknown = new ApiError(0, "console.unreachable", "");
  const refused = new ApiError(409, "case.version", "");

  it("stays while its outcome is unknown", () => {
    const keys = new CommandKeys();
    const key = keys.take({ a: 1 });
    keys.settle(unknown);
    expect(keys.take({ a: 1 })).toBe(key);
    keys.settle(new ApiError(503, "server.overloaded", ""));
    expect(keys.take({ a: 1 })).toBe(key);
  });

  it("is a new one after an answer, and for another input", () => {
    const keys = new CommandKeys();
    const key = keys.take({ a: 1 });
    expect(keys.take({ a: 2 })).not.toBe(key);
    const second = keys.take({ a: 2 });
    keys.settle();
    expect(keys.take({ a: 2 })).not.toBe(second);
    const third = keys.take({ a: 2 });
    keys.settle(refused);
    expect(keys.take({ a: 2 })).not.toBe(third);
  });
});
