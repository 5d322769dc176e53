import { refusalOf, requireUser } from "../credentials/viewer.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import { effectiveScopes } from "../tokens/scopes.js";
import type { TokenRecord } from "../tokens/token-store.js";
import type { GraphqlContext } from "./context.js";

/**
 * Whom the request may read about: the caller, or the subject of a privilege
 * token; null when no credential was presented.
 * @throws UNAUTHENTICATED when one was presented and refused.
 */
export function requireReader({ viewer }: GraphqlContext): TokenRecord | null {
  if (viewer.kind === "anonymous") return null;
  if (viewer.kind === "invalid") throw refusalOf(viewer);
  return viewer.record;
}

/**
 * The caller, whose token has this scope.
 * @throws UNAUTHENTICATED; FORBIDDEN when the token lacks the scope.
 */
export function requireScope({ viewer }: GraphqlContext, scope: string): TokenRecord {
  const { record } = requireUser(viewer);
  if (!effectiveScopes(record.token.scopes, record.user.role).includes(scope)) {
    throw new LatchkeyError("FORBIDDEN", { message: `This token lacks the scope ${scope}.` });
  }
  return record;
}
