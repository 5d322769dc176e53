import { GraphQLError } from "graphql";
import { UNAUTHENTICATED_REASONS, type UnauthenticatedReason } from "#wire/error-codes.js";
import type { PrivilegeViewer, Refusal, RefusalCode, Verification } from "./verification.js";

/** `extensions.reason` of the errors that the guards throw: the gateway's reasons, and one for a wrong token type. */
export type GuardReason = Exclude<UnauthenticatedReason, "BAD_LOGIN"> | "WRONG_TOKEN_TYPE";

/** The reason for each refusal; null when the cause is the verifier and not the caller. */
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

/** The messages say which token to send, and how to get it. */
const WRONG_TYPE = {
  privilege:
    "This service takes privilege tokens, and this is a user token. Send the privilege token: a login answers " +
    "it as `privilege`, and Latchkey's query `privilegeToken` makes the next one from the user token.",
  user: "This service takes user tokens, and this is a privilege token. Send the user token: a login answers it as `token`.",
} as const;

/** Seconds. */
const RETRY_AFTER = 1;

/**
 * The error of a guarded field. When the verifier cannot decide, the code must not be `UNAUTHENTICATED`: clients would
 * discard a token that may be valid.
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
 * Returns the viewer, for a resolver that needs one.
 *
 * @throws GraphQLError whose `extensions.code` is `UNAUTHENTICATED` (with `reason`), or `SERVICE_UNAVAILABLE` (with
 *   `retryAfter` seconds) while the verifier cannot decide.
 */
export function requireViewer<V>(verification: Verification<V>): V {
  if (verification.ok) return verification.viewer;
  throw errorOf(verification);
}

/**
 * Returns the viewer, for a resolver that needs one with all of these scopes.
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
