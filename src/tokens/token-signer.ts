import type { KeyRing } from "../keys/key-ring.js";
import type { Clock } from "../lib/clock.js";
import { issuedAfter } from "../revocation/issued-after.js";
import { signUserJwt } from "./jwt/sign-jwt.js";
import type { SignToken } from "./token-store.js";

/**
 * Makes what signs the JWTs of user tokens. The store keeps the key for as long as the token lasts, before the key
 * signs it. `iat` is later than the last change that ended the owner's earlier tokens.
 */
export function createTokenSigner({
  keys,
  issuer,
  clock,
}: {
  keys: Pick<KeyRing, "currentUntil">;
  issuer: string;
  clock: Clock;
}): SignToken {
  return async (token, owner) => {
    const expiresAt = token.expirationTime?.getTime() ?? null;
    const signer = await keys.currentUntil(expiresAt);
    const { userId: sub, key: sid, version: ver } = token;
    const issuedAt = issuedAfter(clock(), owner.tokensValidFrom);
    return signUserJwt(signer, { issuer, sub, sid, ver, issuedAt, expiresAt });
  };
}
