import { unauthenticated } from "../errors/latchkey-error.js";
import type { TokenRecord } from "../tokens/token-store.js";
import type { AccountDeps } from "./account-store.js";

/**
 * Records that the user is here now, as a sign-in would.
 * @returns the new last login time.
 * @throws UNAUTHENTICATED with TOKEN_REVOKED when the token ended meanwhile: a logout in flight is never undone.
 */
export async function bumpLogin(deps: AccountDeps, { user, token }: TokenRecord): Promise<Date> {
  const now = new Date(deps.clock());
  if (!(await deps.store.bumpLogin(user.id, token.key, now))) {
    throw unauthenticated("TOKEN_REVOKED", "the token ended meanwhile");
  }
  deps.audit({ event: "login.bumped", userId: user.id, tokenKey: token.key });
  return now;
}
