// What somebody is about to say of a case: a form without a screen, so that its rules can be tested.
import type { Schemas } from "@/api";
import {
  annotations as knownAnnotations,
  classes,
  confidences,
  type Annotation,
  type Classification,
  type Confidence,
  type Outcome,
} from "@/casework/words";

export interface Different {
  classification: Classification;
  annotations: Annotation[];
}

export interface Form {
  outcome: Outcome | undefined;
  classification: Classification;
  annotations: Annotation[];
  confidence: Confidence;
  note: string;
  items: Record<string, Different>; // by content: where one differs from the rest
  near: string[]; // near-duplicates that it is given for too
  accounts: string[]; // that only people outside named, and it is about: never chosen beforehand
}

export const NOTE_MAX = 4000;
export const emptyForm: Form = {
  outcome: undefined,
  classification: "",
  annotations: [],
  confidence: "sure",
  note: "",
  items: {},
  near: [],
  accounts: [],
};

export type FormAction =
  | { type: "outcome"; outcome: Outcome }
  | { type: "classification"; classification: Classification }
  | { type: "annotation"; annotation: Annotation }
  | { type: "confidence"; confidence: Confidence }
  | { type: "note"; note: string }
  | { type: "differs"; item: string; change: Different | undefined }
  | { type: "near"; ids: string[] }
  | { type: "accounts"; accounts: string[] }
  | { type: "restore"; form: Form };

export function toggled<T>(list: readonly T[], value: T): T[] {
  return list.includes(value) ? list.filter((each) => each !== value) : [...list, value];
}

export function formReducer(form: Form, action: FormAction): Form {
  switch (action.type) {
    case "outcome":
      // What is cleared has no classification, and no content of it has one.
      return action.outcome === "cleared"
        ? { ...form, outcome: "cleared", classification: "", items: {}, accounts: [] }
        : { ...form, outcome: action.outcome };
    case "classification":
      return {
        ...form,
        outcome: "confirmed",
        classification: form.classification === action.classification ? "" : action.classification,
      };
    case "annotation":
      return { ...form, annotations: toggled(form.annotations, action.annotation) };
    case "confidence":
      return { ...form, confidence: action.confidence };
    case "note":
      return { ...form, note: action.note.slice(0, NOTE_MAX) };
    case "differs": {
      const items = Object.fromEntries(Object.entries(form.items).filter(([id]) => id !== action.item));
      return action.change === undefined
        ? { ...form, items }
        : { ...form, outcome: "confirmed", items: { ...items, [action.item]: action.change } };
    }
    case "near":
      return { ...form, near: action.ids };
    case "accounts":
      return { ...form, accounts: action.accounts };
    case "restore":
      return action.form;
  }
}

export type Missing = "outcome" | "classification";

/** What it still needs before it can be given. */
export function missingOf(form: Form, needsClass: boolean): Missing | undefined {
  if (form.outcome === undefined) {
    return "outcome";
  }
  return needsClass && form.outcome === "confirmed" && form.classification === "" ? "classification" : undefined;
}

export function verdictOf(form: Form): Schemas["CaseVerdict"] | undefined {
  if (form.outcome === undefined) {
    return undefined;
  }
  return {
    outcome: form.outcome,
    classification: form.classification,
    annotations: form.annotations,
    confidence: form.confidence,
    note: form.note.trim(),
    items: Object.entries(form.items).map(([content_id, different]) => ({ content_id, ...different })),
    accounts: form.accounts,
  };
}

/** Whether there is something in it that would be lost. */
export function isTouched(form: Form): boolean {
  return encodeForm(form) !== encodeForm(emptyForm);
}

// A draft on the server: at most 8 KiB of UTF-8.
export const DRAFT_BYTES_MAX = 8192;

export function encodeForm(form: Form): string {
  return JSON.stringify({ v: 1, ...form });
}

export function fits(draft: string): boolean {
  return new TextEncoder().encode(draft).length <= DRAFT_BYTES_MAX;
}

function oneOf<T extends string>(value: unknown, known: readonly T[]): T | undefined {
  return known.find((each) => each === value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function annotationsOf(value: unknown): Annotation[] {
  return Array.isArray(value) ? knownAnnotations.filter((each) => value.includes(each)) : [];
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
}

/** Undefined: it is not one of ours. What an older or newer console wrote is taken as far as known. */
export function decodeForm(draft: string): Form | undefined {
  let read: unknown;
  try {
    read = JSON.parse(draft);
  } catch {
    return undefined;
  }
  if (!isRecord(read) || read.v !== 1) {
    return undefined;
  }
  const items: Form["items"] = {};
  for (const [id, value] of Object.entries(isRecord(read.items) ? read.items : {})) {
    if (isRecord(value)) {
      items[id] = {
        classification: oneOf(value.classification, classes) ?? "",
        annotations: annotationsOf(value.annotations),
      };
    }
  }
  const outcome = oneOf(read.outcome, ["confirmed", "cleared"] as const);
  return {
    outcome,
    classification: outcome === "cleared" ? "" : (oneOf(read.classification, classes) ?? ""),
    annotations: annotationsOf(read.annotations),
    confidence: oneOf(read.confidence, confidences) ?? "sure",
    note: typeof read.note === "string" ? read.note.slice(0, NOTE_MAX) : "",
    items: outcome === "cleared" ? {} : items,
    near: textsOf(read.near),
    accounts: outcome === "cleared" ? [] : textsOf(read.accounts),
  };
}
