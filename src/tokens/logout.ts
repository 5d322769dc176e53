import type { UserToken } from "../entities/user-token.js";
import { LatchkeyError, unauthenticated } from "../errors/latchkey-error.js";
import type { TokenDeps } from "./token-deps.js";
import type { TokenStanding } from "./token-store.js";

/**
 * Ends the token in use. Once this returns, no node accepts it.
 *
 * A token that was issued with a client fingerprint is not ended by a logout
 * that names another one; a logout that names none is always heard.
 *
 * @throws FORBIDDEN for another client's fingerprint; UNAUTHENTICATED with
 * TOKEN_REVOKED when another logout was first.
 */
export async function logout(
  deps: TokenDeps,
  caller: TokenStanding,
  fingerprint: string | null,
): Promise<UserToken> {
  const { token, user } = caller;
  const issuedTo = token.clientFingerprintHash;
  if (fingerprint !== null && issuedTo !== null && !deps.fingerprints.matches(fingerprint, issuedTo)) {
    throw new LatchkeyError("FORBIDDEN", { message: "This token was issued to another client." });
  }
  const result = await deps.store.revoke(user.id, token.key, new Date(deps.clock()));
  if (!result?.changed) throw unauthenticated("TOKEN_REVOKED", "logged out meanwhile");
  deps.audit({ event: "logout", userId: user.id, tokenKey: token.key });
  return result.token;
}
