import {
  ERROR_CODES,
  UNAUTHENTICATED_REASONS,
  type ErrorCode,
  type UnauthenticatedReason,
} from "#wire/error-codes.js";
import type { AuthFieldError } from "#wire/error-extensions.js";

/** One rejected value. */
export type FieldFault = AuthFieldError;

interface Extras {
  message?: string;
  /** The status where it differs from the table's (413, 415, …). */
  status?: number;
  reason?: UnauthenticatedReason;
  fields?: FieldFault[];
  /** Seconds. */
  retryAfter?: number;
  /** For the log only, never for the caller. */
  detail?: string;
  cause?: unknown;
}

/** The one error that is thrown on purpose. Everything else that is thrown is a defect and is masked. */
export class LatchkeyError extends Error {
  override readonly name = "LatchkeyError";
  readonly status: number;
  readonly reason: UnauthenticatedReason | undefined;
  readonly fields: FieldFault[] | undefined;
  readonly retryAfter: number | undefined;
  readonly detail: string | undefined;

  constructor(
    readonly code: ErrorCode,
    extras: Extras = {},
  ) {
    super(
      extras.message ?? ERROR_CODES[code].message,
      extras.cause === undefined ? undefined : { cause: extras.cause },
    );
    this.status = extras.status ?? ERROR_CODES[code].status;
    this.reason = extras.reason;
    this.fields = extras.fields;
    this.retryAfter = extras.retryAfter;
    this.detail = extras.detail;
  }
}

/** UNAUTHENTICATED with its reason. */
export function unauthenticated(reason: UnauthenticatedReason, detail?: string): LatchkeyError {
  return new LatchkeyError("UNAUTHENTICATED", { reason, message: UNAUTHENTICATED_REASONS[reason], detail });
}

/** UNAUTHENTICATED for a token that this gateway never issued. Endpoints that anybody may try tokens at count it. */
export class NeverIssuedError extends LatchkeyError {
  constructor(detail: string | undefined, cause?: unknown) {
    const reason = "INVALID_CREDENTIAL";
    super("UNAUTHENTICATED", { reason, message: UNAUTHENTICATED_REASONS[reason], detail, cause });
  }
}

/** BAD_USER_INPUT for one or more values. */
export function badInput(...fields: FieldFault[]): LatchkeyError {
  return new LatchkeyError("BAD_USER_INPUT", { fields });
}

/** SERVICE_UNAVAILABLE: the caller may repeat the request after `retryAfter` seconds. */
export function unavailable(detail: string, cause?: unknown, retryAfter = 1): LatchkeyError {
  return new LatchkeyError("SERVICE_UNAVAILABLE", { detail, cause, retryAfter });
}

/** BAD_REQUEST: what arrived is no request; `status` where 400 is too coarse (405, 413, 415, 431). */
export function badRequest(message: string, status = 400): LatchkeyError {
  return new LatchkeyError("BAD_REQUEST", { message, status });
}

/** TOO_MANY_REQUESTS: the caller may try again when these milliseconds are over. The message says so too: people read that. */
export function tooManyRequests(waitMs: number): LatchkeyError {
  const retryAfter = Math.ceil(waitMs / 1_000);
  const seconds = retryAfter === 1 ? "1 second" : `${retryAfter} seconds`;
  return new LatchkeyError("TOO_MANY_REQUESTS", {
    message: `Too many attempts. Try again in ${seconds}.`,
    retryAfter,
  });
}
