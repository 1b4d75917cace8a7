// What a refused or failed call becomes: an ApiError with the stable code of problem+json (RFC 9457).
import type { components } from "./schema";

type Problem = components["schemas"]["Problem"];

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: no answer came
    readonly code: string,
    readonly detail: string,
    readonly requestId?: string,
    readonly problem?: Problem,
  ) {
    super(`${code}: ${detail}`);
    this.name = "ApiError";
  }

  /** Whether the server surely did not do what was asked: a repeat would be a new command. */
  get refused(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 408;
  }
}

export const UNREACHABLE = "console.unreachable";

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "detail" in value;
}

export function errorOf(status: number, body: unknown): ApiError {
  if (isProblem(body)) {
    return new ApiError(status, body.code, body.detail, body.request_id, body);
  }
  return new ApiError(status, "console.bad_answer", "The answer is not one of Tutela's.");
}

/** Whatever was thrown, as an ApiError. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) {
    return thrown;
  }
  if (thrown instanceof TypeError) {
    return new ApiError(0, UNREACHABLE, "The server did not answer.");
  }
  return new ApiError(0, "console.fault", thrown instanceof Error ? thrown.message : String(thrown));
}
