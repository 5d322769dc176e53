import { refusalOf, type Viewer } from "../../credentials/viewer.js";
import type { User } from "../../entities/user.js";
import { LatchkeyError } from "../../errors/latchkey-error.js";
import { effectiveScopes } from "../../tokens/scopes.js";

/** Who may read the username of an account whose id they know: its owner, whoever is signed in, or everybody. */
export type UsernameVisibility = "private" | "members" | "public";

/** What a request may read of accounts that it names by their ids. */
export interface AccountVisibility {
  /** The caller's own account, whole; null when nobody is signed in. */
  own: User | null;
  /** Of any other account. */
  others: "whole" | "username" | "nothing";
  /** What the rest is refused with: one object for the request, which is logged once. */
  refusal: LatchkeyError;
}

/**
 * What a viewer may read of accounts. A privilege token is passed on to many services, so
 * it never reads more of others than their names, whatever the scopes that it tells of.
 */
export function visibilityFor(viewer: Viewer, usernames: UsernameVisibility): AccountVisibility {
  if (viewer.kind === "anonymous" || viewer.kind === "invalid") {
    const others = usernames === "public" ? "username" : "nothing";
    return { own: null, others, refusal: refusalOf(viewer) };
  }
  const { token, user } = viewer.record;
  const refusal = new LatchkeyError("FORBIDDEN", { message: "This is for the owner of the account alone." });
  const readsAll = viewer.kind === "user" && effectiveScopes(token.scopes, user.role).includes("users:read");
  if (readsAll) return { own: user, others: "whole", refusal };
  return { own: user, others: usernames === "private" ? "nothing" : "username", refusal };
}
