import { ERROR_CODES } from "#wire/error-codes.js";
import { LatchkeyError } from "./latchkey-error.js";

/** The part of a log that errors are written to. */
export type ErrorLog = Record<"error" | "warn" | "info" | "debug", (fields: object, message: string) => void>;

/**
 * Logs why a request was refused, at the level of the error's code; or a defect, as an error.
 * The caller learns the code alone: the detail and the cause are only in the log.
 */
export function logError(log: ErrorLog, error: unknown): void {
  if (!(error instanceof LatchkeyError)) {
    log.error({ err: error }, "a request failed");
    return;
  }
  const { code, reason, detail, cause: err } = error;
  const known = Object.entries({ code, reason, detail, err }).filter(([, value]) => value !== undefined);
  log[ERROR_CODES[code].logLevel](Object.fromEntries(known), "a request was refused");
}
