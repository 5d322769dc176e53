import type { ErrorCode, FieldCode, GraphqlCode, UnauthenticatedReason } from "./error-codes.js";

/** The complete list for `errors[].extensions.code` of a GraphQL answer. The schema has an enum of this name. */
export type AuthErrorCode = ErrorCode | GraphqlCode;

/** The complete list for `errors[].extensions.fields[].code`. */
export type AuthFieldErrorCode = FieldCode;

/** A refused value. `path` starts at the argument or the variable. The value itself is never repeated. */
export interface AuthFieldError {
  path: string[];
  code: AuthFieldErrorCode;
  message: string;
}

/** `errors[].extensions` of a GraphQL answer. The schema has a type of this name. */
export interface AuthErrorExtensions {
  code: AuthErrorCode;
  /** Only with UNAUTHENTICATED. */
  reason?: UnauthenticatedReason;
  /** With BAD_USER_INPUT and CONFLICT. */
  fields?: AuthFieldError[];
  /** Seconds. With TOO_MANY_REQUESTS and SERVICE_UNAVAILABLE. */
  retryAfter?: number;
}
