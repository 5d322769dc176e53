import { unauthenticated } from "../errors/latchkey-error.js";
import type { IssuedToken, TokenDeps, TokenRecord } from "./token-store.js";
import { recheckToken } from "./assert-token-usable.js";

/**
 * Issues the next version of the token in use and ends the present one, which
 * is still accepted for a short grace: two tabs that rotate at once do not log each other
 * out. Presented with the version before, within the grace, it answers a JWT of
 * the present version instead of making a further one.
 *
 * @param presentedVersion the `ver` of the JWT that the request carried.
 * @throws UNAUTHENTICATED when the token ended meanwhile.
 */
export async function rotateToken(
  deps: TokenDeps,
  caller: TokenRecord,
  presentedVersion: number,
): Promise<IssuedToken> {
  const { key, userId } = caller.token;
  const now = deps.clock();
  if (presentedVersion === caller.token.version) {
    const previousVersionUntil = new Date(now + deps.limits.rotationGraceMs);
    const rotation = { userId, key, fromVersion: presentedVersion, previousVersionUntil };
    if (await deps.store.rotate(rotation, new Date(now))) {
      deps.audit({ event: "token.rotated", userId, tokenKey: key });
    }
  }
  // Whoever was first, the row now says which version is the present one.
  const record = await recheckToken(deps, caller);
  if (record.token.version < presentedVersion)
    throw unauthenticated("TOKEN_REVOKED", "version went backwards");
  return { token: await deps.sign(record.token, record.user), userToken: record.token };
}
