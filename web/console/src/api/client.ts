// The typed client. `api` waits for a person where the server wants one; `session` does not.
import createClient from "openapi-fetch";
import { ApiError, UNREACHABLE, asApiError, errorOf } from "./problem";
import type { components, paths } from "./schema";
import { send, sendPlain } from "./transport";

export type Schemas = components["schemas"];

const baseUrl = window.location.origin;
export const api = createClient<paths>({ baseUrl, fetch: send });
export const session = createClient<paths>({ baseUrl, fetch: sendPlain });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of a call; throws ApiError and nothing else. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) {
      throw new ApiError(0, UNREACHABLE, "The answer was cut off.");
    }
    throw asApiError(thrown);
  }
  if (!answer.response.ok) {
    throw errorOf(answer.response.status, answer.error);
  }
  return answer.data as T;
}

/** The header parameter of a command: `params: { header: commandHeader(key), path: {...} }`. */
export function commandHeader(key: string): { "Idempotency-Key": string } {
  return { "Idempotency-Key": key };
}
