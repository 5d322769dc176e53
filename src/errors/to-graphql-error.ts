import type { AuthErrorExtensions } from "#wire/error-extensions.js";
import type { LatchkeyError } from "./latchkey-error.js";

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
