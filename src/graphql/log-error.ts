import { ERROR_CODES } from "#wire/error-codes.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { GraphqlContext } from "./context.js";

/**
 * Writes what a request was refused for, as loudly as its code asks, or a defect.
 * The caller gets the code alone; how it came to it stands only here.
 */
export function logError(log: GraphqlContext["log"], error: unknown): void {
  if (!(error instanceof LatchkeyError)) {
    log.error({ err: error }, "a request failed");
    return;
  }
  const { code, reason, detail, cause: err } = error;
  const known = Object.entries({ code, reason, detail, err }).filter(([, value]) => value !== undefined);
  log[ERROR_CODES[code].logLevel](Object.fromEntries(known), "a request was refused");
}
