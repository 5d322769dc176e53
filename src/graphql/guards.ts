import { refusalOf, requireUser } from "../credentials/require-user.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import { effectiveScopes } from "../tokens/scopes.js";
import type { TokenStanding } from "../tokens/token-store.js";
import type { GraphqlContext } from "./context.js";

/**
 * Whom the request may read about: the caller, or the subject of a privilege
 * token; null when no credential was presented.
 * @throws UNAUTHENTICATED when one was presented and refused.
 */
export function requireReader({ viewer }: GraphqlContext): TokenStanding | null {
  if (viewer.kind === "anonymous") return null;
  if (viewer.kind === "rejected") throw refusalOf(viewer);
  return viewer.standing;
}

/**
 * The caller, whose token has this scope.
 * @throws UNAUTHENTICATED; FORBIDDEN when the token lacks the scope.
 */
export function requireScope({ viewer }: GraphqlContext, scope: string): TokenStanding {
  const { standing } = requireUser(viewer);
  if (!effectiveScopes(standing.token.scopes, standing.user.role).includes(scope)) {
    throw new LatchkeyError("FORBIDDEN", { message: `This token lacks the scope ${scope}.` });
  }
  return standing;
}
