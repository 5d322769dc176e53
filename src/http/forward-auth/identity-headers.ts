import { effectiveScopes } from "../../tokens/scopes.js";
import type { TokenRecord } from "../../tokens/token-store.js";

/** No scope at all. An empty value would be taken for a missing one by some proxies, which then leave the client's own. */
const NONE = "-";

/**
 * Who somebody is, in header values that every proxy passes on as they are. All five are always there, and
 * none is empty: what a proxy does not find in the answer it might leave as the client sent it.
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
