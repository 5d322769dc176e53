import type { ErrorCode, FieldCode, GraphqlCode, UnauthenticatedReason } from "./codes.js";
import type { FieldFault, LatchkeyError } from "./latchkey-error.js";

/** `errors[].extensions.code` of a GraphQL answer: the whole list. The schema has it as the enum of this name. */
export type AuthErrorCode = ErrorCode | GraphqlCode;

/** `errors[].extensions.fields[].code`: the whole list. */
export type AuthFieldErrorCode = FieldCode;

/** One value that was refused. `path` starts at the argument or the variable; the value itself is never repeated. */
export type AuthFieldError = FieldFault;

/** `errors[].extensions` of a GraphQL answer. The schema has it as the type of this name. */
export interface AuthErrorExtensions {
  code: AuthErrorCode;
  /** With UNAUTHENTICATED alone. */
  reason?: UnauthenticatedReason;
  /** With BAD_USER_INPUT and CONFLICT. */
  fields?: AuthFieldError[];
  /** Seconds. With TOO_MANY_REQUESTS and SERVICE_UNAVAILABLE. */
  retryAfter?: number;
}

/** An error as an entry of `errors` in a GraphQL answer; also the shape of errors outside of GraphQL. */
export function toGraphqlError(error: LatchkeyError): {
  message: string;
  extensions: Record<string, unknown>;
} {
  const { code, message, reason, fields, retryAfter } = error;
  const extensions: AuthErrorExtensions = { code };
  if (reason) extensions.reason = reason;
  if (fields) extensions.fields = fields;
  if (retryAfter !== undefined) extensions.retryAfter = retryAfter;
  return { message, extensions: { ...extensions } };
}
