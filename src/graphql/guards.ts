import type { Viewer } from "../credentials/viewer.js";
import { LatchkeyError, unauthenticated } from "../errors/latchkey-error.js";
import { effectiveScopes } from "../tokens/scopes.js";
import type { TokenStanding } from "../tokens/token-store.js";
import type { GraphqlContext } from "./context.js";

/**
 * The caller, by a user token.
 * @throws UNAUTHENTICATED with the reason why there is none. A privilege token is none.
 */
export function requireUser({ viewer }: GraphqlContext): Extract<Viewer, { kind: "user" }> {
  if (viewer.kind === "user") return viewer;
  if (viewer.kind === "subject") throw unauthenticated("INVALID_CREDENTIAL", "a privilege token only reads");
  throw refusalOf(viewer);
}

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
export function requireScope(context: GraphqlContext, scope: string): TokenStanding {
  const { standing } = requireUser(context);
  if (!effectiveScopes(standing.token.scopes, standing.user.role).includes(scope)) {
    throw new LatchkeyError("FORBIDDEN", { message: `This token lacks the scope ${scope}.` });
  }
  return standing;
}

function refusalOf(viewer: Extract<Viewer, { kind: "anonymous" | "rejected" }>): LatchkeyError {
  return viewer.kind === "anonymous"
    ? unauthenticated("NO_CREDENTIAL")
    : unauthenticated(viewer.reason, viewer.detail);
}
