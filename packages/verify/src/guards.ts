import { GraphQLError } from "graphql";
import { UNAUTHENTICATED_REASONS, type UnauthenticatedReason } from "#wire/error-codes.js";
import type { PrivilegeViewer, Refusal, RefusalCode, Verification } from "./verification.js";

/** `extensions.reason` of what the guards throw: the gateway's reasons, and that of a token of the wrong type. */
export type GuardReason = Exclude<UnauthenticatedReason, "BAD_LOGIN"> | "WRONG_TOKEN_TYPE";

/** Why the caller is not believed; null: the verifier itself cannot tell at the moment. */
const REASONS: Record<RefusalCode, GuardReason | null> = {
  NO_CREDENTIAL: "NO_CREDENTIAL",
  INVALID_CREDENTIAL: "INVALID_CREDENTIAL",
  WRONG_TOKEN_TYPE: "WRONG_TOKEN_TYPE",
  UNKNOWN_KEY: "INVALID_CREDENTIAL",
  TOKEN_EXPIRED: "TOKEN_EXPIRED",
  TOKEN_DISABLED: "TOKEN_DISABLED",
  TOKEN_REVOKED: "TOKEN_REVOKED",
  NOT_READY: null,
  KEYS_STALE: null,
  FEED_STALE: null,
};

/** What to send instead, and where it comes from. */
const WRONG_TYPE = {
  privilege:
    "This service takes privilege tokens, and this is a user token. Send the privilege token: a login answers " +
    "it as `privilege`, and Latchkey's query `privilegeToken` makes the next one from the user token.",
  user: "This service takes user tokens, and this is a privilege token. Send the user token: a login answers it as `token`.",
} as const;

/** Seconds. */
const RETRY_AFTER = 1;

/**
 * The error that a guarded field answers with. A verifier that cannot tell is not the caller's fault: clients
 * throw their token away at `UNAUTHENTICATED`, and must keep it then.
 */
function errorOf({ code, expected = "privilege" }: Refusal): GraphQLError {
  const reason = REASONS[code];
  return reason === null
    ? new GraphQLError("The service cannot verify credentials at the moment. Try again shortly.", {
        extensions: { code: "SERVICE_UNAVAILABLE", retryAfter: RETRY_AFTER },
      })
    : new GraphQLError(
        reason === "WRONG_TOKEN_TYPE" ? WRONG_TYPE[expected] : UNAUTHENTICATED_REASONS[reason],
        { extensions: { code: "UNAUTHENTICATED", reason } },
      );
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
