import type { UserToken } from "../entities/user-token.js";
import { LatchkeyError, unauthenticated } from "../errors/latchkey-error.js";
import type { TokenDeps, TokenRecord } from "./token-store.js";

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
  caller: TokenRecord,
  fingerprint: string | null,
): Promise<UserToken> {
  const { token, user } = caller;
  const issuedTo = token.clientFingerprintHash;
  const facts = { userId: user.id, tokenKey: token.key, ...clientFacts(deps, fingerprint) };
  if (fingerprint !== null && issuedTo !== null && !deps.fingerprints.matches(fingerprint, issuedTo)) {
    deps.audit({ event: "logout.refused", ...facts });
    throw new LatchkeyError("FORBIDDEN", { message: "This token was issued to another client." });
  }
  const result = await deps.store.revoke(user.id, token.key, new Date(deps.clock()));
  if (!result?.changed) throw unauthenticated("TOKEN_REVOKED", "logged out meanwhile");
  deps.audit({ event: "logout", ...facts });
  return result.token;
}

/** Which client it says it is, as a digest that can be compared with the login's. */
const clientFacts = ({ fingerprints }: TokenDeps, fingerprint: string | null) =>
  fingerprint === null ? {} : { clientFingerprint: fingerprints.hash(fingerprint) };
