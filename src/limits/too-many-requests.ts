import { LatchkeyError } from "../errors/latchkey-error.js";

/** TOO_MANY_REQUESTS: the caller may try again when these milliseconds are over. */
export function tooManyRequests(waitMs: number): LatchkeyError {
  return new LatchkeyError("TOO_MANY_REQUESTS", { retryAfter: Math.ceil(waitMs / 1_000) });
}
