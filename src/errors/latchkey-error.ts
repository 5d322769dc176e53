import {
  ERROR_CODES,
  UNAUTHENTICATED_REASONS,
  type ErrorCode,
  type FieldCode,
  type UnauthenticatedReason,
} from "./codes.js";

/** One rejected value. `path` starts at the argument the caller sent; the value itself is never repeated. */
export interface FieldFault {
  path: string[];
  code: FieldCode;
  message: string;
}

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
export class InvalidTokenError extends LatchkeyError {
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
