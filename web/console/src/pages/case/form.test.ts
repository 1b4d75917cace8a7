import { describe, expect, it } from "vitest";
import {
  DRAFT_BYTES_MAX,
  decodeForm,
  emptyForm,
  encodeForm,
  fits,
  formReducer,
  isTouched,
  missingOf,
  verdictOf,
  type Form,
  type FormAction,
} from "./form";

function after(...actions: FormAction[]): Form {
  return actions.reduce(formReducer, emptyForm);
}

const full = after(
  { type: "classification", classification: "B1" },
  { type: "annotation", annotation: "viral" },
  { type: "confidence", confidence: "likely" },
  { type: "note", note: "seen \u00e4 \"quoted\"\nline" },
  { type: "differs", item: "one", change: { classification: "A2", annotations: ["infant"] } },
  { type: "near", ids: ["other"] },
  { type: "accounts", accounts: ["claimed"] },
);

describe("a verdict that is written", () => {
  it("needs an outcome, and a classification where what was confirmed needed a view", () => {
    expect(missingOf(emptyForm, true)).toBe("outcome");
    const confirmed = after({ type: "outcome", outcome: "confirmed" });
    expect(missingOf(confirmed, true)).toBe("classification");
    expect(missingOf(confirmed, false)).toBeUndefined();
    expect(missingOf(after({ type: "outcome", outcome: "cleared" }), true)).toBeUndefined();
  });

  it("has no classification anywhere when it is cleared", () => {
    const cleared = formReducer(full, { type: "outcome", outcome: "cleared" });
    expect(verdictOf(cleared)).toMatchObject({ outcome: "cleared", classification: "", items: [] });
    expect(cleared.note).toBe(full.note);
  });

  it("is about no claimed account unless somebody chose it, and about none when it is cleared", () => {
    expect(verdictOf(after({ type: "outcome", outcome: "confirmed" }))?.accounts).toEqual([]);
    expect(verdictOf(full)?.accounts).toEqual(["claimed"]);
    expect(verdictOf(formReducer(full, { type: "outcome", outcome: "cleared" }))?.accounts).toEqual([]);
  });

  it("is a confirmation once it is classified", () => {
    expect(after({ type: "outcome", outcome: "cleared" }, { type: "classification", classification: "A1" }).outcome).toBe(
      "confirmed",
    );
  });

  it("names no annotation twice, and takes back on the second press", () => {
    const once = after({ type: "annotation", annotation: "viral" });
    expect(once.annotations).toEqual(["viral"]);
    expect(formReducer(once, { type: "annotation", annotation: "viral" }).annotations).toEqual([]);
  });

  it("keeps notes within what the server takes", () => {
    expect(after({ type: "note", note: "x".repeat(5000) }).note).toHaveLength(4000);
  });

  it("says nothing before there is an outcome", () => {
    expect(verdictOf(emptyForm)).toBeUndefined();
    expect(verdictOf(full)?.items).toEqual([{ content_id: "one", classification: "A2", annotations: ["infant"] }]);
  });
});

describe("a draft", () => {
  it("comes back as it was", () => {
    expect(decodeForm(encodeForm(full))).toEqual(full);
    expect(decodeForm(encodeForm(emptyForm))).toEqual(emptyForm);
  });

  it("is told from an untouched form", () => {
    expect(isTouched(emptyForm)).toBe(false);
    expect(isTouched(full)).toBe(true);
  });

  it("that is not one of ours is left alone", () => {
    for (const text of ["", "null", "[]", "{", "{}", '{"v":2}', '"text"']) {
      expect(decodeForm(text)).toBeUndefined();
    }
  });

  it("with words nobody knows keeps what is known", () => {
    const odd = '{"v":1,"outcome":"maybe","classification":"C9","annotations":["viral","x",3],"note":7,"items":{"a":1}}';
    expect(decodeForm(odd)).toEqual({ ...emptyForm, annotations: ["viral"] });
  });

  it("is measured in bytes", () => {
    const wide = after({ type: "note", note: "\u20ac".repeat(3000) });
    expect(fits(encodeForm(wide))).toBe(false);
    expect(fits("x".repeat(DRAFT_BYTES_MAX))).toBe(true);
  });
});
