import { afterEach, describe, expect, it, vi } from "vitest";
import { onOtherPerson, refreshMe, sessionEnded, sessionState, signOut } from "./session";

function me(principal: string) {
  return { principal, tenant: "t", role: "reviewer", permissions: [], assigned_only: false, csrf: principal };
}

function answer(status: number, body: unknown): void {
  const text = body === undefined ? null : JSON.stringify(body);
  vi.stubGlobal("fetch", () =>
    Promise.resolve(new Response(text, { status, headers: { "Content-Type": "application/json" } })),
  );
}

afterEach(() => vi.unstubAllGlobals());

describe("a session", () => {
  it("that ends keeps who it was, and lets the same person go on", async () => {
    const forget = vi.fn();
    onOtherPerson(forget);
    answer(200, me("person:1"));
    await refreshMe();
    expect(sessionState().phase).toBe("in");
    forget.mockClear();
    const waits = [sessionEnded(), sessionEnded()];
    expect(sessionState()).toMatchObject({ phase: "ended", me: { principal: "person:1" } });
    await refreshMe();
    expect(await Promise.all(waits)).toEqual([true, true]);
    expect(forget).not.toHaveBeenCalled();
  });

  it("of another person forgets everything and refuses what waited", async () => {
    const forget = vi.fn();
    onOtherPerson(forget);
    const wait = sessionEnded();
    answer(200, me("person:2"));
    await refreshMe();
    expect(await wait).toBe(false);
    expect(forget).toHaveBeenCalledTimes(1);
    expect(sessionState()).toMatchObject({ phase: "in", me: { principal: "person:2" } });
  });

  it("that a wrong password does not open stays ended", async () => {
    const wait = sessionEnded();
    answer(401, { code: "auth.bad_session", detail: "" });
    await refreshMe();
    expect(sessionState().phase).toBe("ended");
    answer(200, me("person:2"));
    await refreshMe();
    expect(await wait).toBe(true);
  });

  it("that is signed out leaves nobody, and asks nobody to come back", async () => {
    answer(204, undefined);
    await signOut(false);
    expect(sessionState()).toEqual({ phase: "out" });
    expect(await sessionEnded()).toBe(false);
  });
});
