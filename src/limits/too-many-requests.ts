import { LatchkeyError } from "../errors/latchkey-error.js";

/** TOO_MANY_REQUESTS: the caller may try again when these milliseconds are over. The message says so too: people read that. */
export function tooManyRequests(waitMs: number): LatchkeyError {
  const retryAfter = Math.ceil(waitMs / 1_000);
  const seconds = retryAfter === 1 ? "1 second" : `${retryAfter} seconds`;
  return new LatchkeyError("TOO_MANY_REQUESTS", {
    message: `Too many attempts. Try again in ${seconds}.`,
    retryAfter,
  });
}
