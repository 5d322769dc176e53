import { GraphQLError } from "graphql";
import { UNAUTHENTICATED_REASONS } from "../errors/codes.js";
import type { UnauthenticatedReason } from "../errors/codes.js";
import type { PrivilegeViewer, Refusal, RefusalCode, Verification } from "./verification.js";

/** Why the caller is not believed, in the gateway's words; null: the verifier itself cannot tell at the moment. */
const REASONS: Record<RefusalCode, UnauthenticatedReason | null> = {
  NO_CREDENTIAL: "NO_CREDENTIAL",
  INVALID_CREDENTIAL: "INVALID_CREDENTIAL",
  WRONG_TOKEN_TYPE: "INVALID_CREDENTIAL",
  UNKNOWN_KEY: "INVALID_CREDENTIAL",
  TOKEN_EXPIRED: "TOKEN_EXPIRED",
  TOKEN_DISABLED: "TOKEN_DISABLED",
  TOKEN_REVOKED: "TOKEN_REVOKED",
  NOT_READY: null,
  KEYS_STALE: null,
  FEED_STALE: null,
};

/** Seconds. */
const RETRY_AFTER = 1;

/**
 * The error that a guarded field answers with. A verifier that cannot tell is not the caller's fault: clients
 * throw their token away at `UNAUTHENTICATED`, and must keep it then.
 */
function errorOf({ code }: Refusal): GraphQLError {
  const reason = REASONS[code];
  return reason === null
    ? new GraphQLError("The service cannot verify credentials at the moment. Try again shortly.", {
        extensions: { code: "SERVICE_UNAVAILABLE", retryAfter: RETRY_AFTER },
      })
    : new GraphQLError(UNAUTHENTICATED_REASONS[reason], { extensions: { code: "UNAUTHENTICATED", reason } });
}

/**
 * The viewer, for a resolver that needs one.
 *
 * @throws GraphQLError whose `extensions.code` is `UNAUTHENTICATED` (with the `reason`), or
 *   `SERVICE_UNAVAILABLE` (with `retryAfter` seconds) while the verifier cannot tell.
 */
export function requireViewer<V>(verification: Verification<V>): V {
  if (verification.ok) return verification.viewer;
  throw errorOf(verification);
}

/**
 * The viewer, for a resolver that needs one who holds all of these scopes.
 *
 * @throws GraphQLError as `requireViewer` does; `FORBIDDEN` when a scope is missing.
 */
export function requireScopes<V extends Pick<PrivilegeViewer, "scopes">>(
  verification: Verification<V>,
  ...scopes: string[]
): V {
  const viewer = requireViewer(verification);
  if (scopes.every((scope) => viewer.scopes.includes(scope))) return viewer;
  throw new GraphQLError("This credential does not allow that.", { extensions: { code: "FORBIDDEN" } });
}
