import { unauthenticated } from "../errors/latchkey-error.js";
import type { KeyRing } from "../keys/key-ring.js";
import { coalesce } from "../lib/coalesce.js";
import type { SignedJwt } from "./jwt/verify-jwt.js";
import type { TokenRecord, TokenStore } from "./token-store.js";

/** Answers how the token behind a JWT stands at a moment after the call; undefined for one that there is not. */
export type TokenCheck = (jwt: Pick<SignedJwt, "sid" | "kid">) => Promise<TokenRecord | undefined>;

/**
 * The coalesced row check, the heart of the gateway: every answer is younger than its call, so a
 * revocation acknowledged anywhere before a request arrived is always seen. It also looks again at the
 * key, which may have been dropped as the token may have been revoked: of keys that were read longer than a
 * second ago it believes none.
 *
 * @throws SERVICE_UNAVAILABLE when the database cannot answer: the check fails closed; UNAUTHENTICATED when
 *   the key was dropped.
 */
export function createTokenCheck(
  store: Pick<TokenStore, "findRecords">,
  keys: Pick<KeyRing, "keepFresh" | "publicKey">,
): TokenCheck {
  const look = coalesce(
    async (sids: readonly string[]) => (await Promise.all([store.findRecords(sids), keys.keepFresh()]))[0],
  );
  return async ({ sid, kid }) => {
    const record = await look(sid);
    if (!keys.publicKey(kid)) throw unauthenticated("INVALID_CREDENTIAL", "the key was dropped");
    return record;
  };
}
