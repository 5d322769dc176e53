import { effectiveScopes } from "../../tokens/scopes.js";
import type { TokenRecord } from "../../tokens/token-store.js";

/** No scope at all. An empty value would be taken for a missing one by some proxies, which then leave the client's own. */
const NONE = "-";

/**
 * The identity of a user, in header values that every proxy passes on unchanged. All five are always there, and
 * none is empty: a proxy might keep the client's own header in place of one that it does not find in the answer.
 */
export function identityHeaders({ token, user }: TokenRecord, privilege: string): Record<string, string> {
  return {
    "x-user-id": user.id,
    "x-user-name": headerSafe(user.username),
    "x-user-role": user.role,
    "x-user-scopes": effectiveScopes(token.scopes, user.role).join(" ") || NONE,
    "x-privilege-token": privilege,
  };
}

/**
 * Visible ASCII as it is, anything else percent-encoded as UTF-8 (RFC 3986), and so is the percent sign: what comes out
 * is always undone by `decodeURIComponent` and its likes. RFC 8187 is for parameters, and no proxy
 * agrees with another about bytes beyond ASCII.
 */
export function headerSafe(text: string): string {
  return text.replace(/[^\x21-\x7e]|%/gu, encodeURIComponent);
}
