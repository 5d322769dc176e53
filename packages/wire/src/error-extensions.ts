import type { ErrorCode, FieldCode, GraphqlCode, UnauthenticatedReason } from "./error-codes.js";

/** `errors[].extensions.code` of a GraphQL answer: the whole list. The schema has it as the enum of this name. */
export type AuthErrorCode = ErrorCode | GraphqlCode;

/** `errors[].extensions.fields[].code`: the whole list. */
export type AuthFieldErrorCode = FieldCode;

/** One value that was refused. `path` starts at the argument or the variable; the value itself is never repeated. */
export interface AuthFieldError {
  path: string[];
  code: AuthFieldErrorCode;
  message: string;
}

/** What stands in `errors[].extensions` of a GraphQL answer. The schema has it as the type of this name. */
export interface AuthErrorExtensions {
  code: AuthErrorCode;
  /** With UNAUTHENTICATED alone. */
  reason?: UnauthenticatedReason;
  /** With BAD_USER_INPUT and CONFLICT. */
  fields?: AuthFieldError[];
  /** Seconds. With TOO_MANY_REQUESTS and SERVICE_UNAVAILABLE. */
  retryAfter?: number;
}
