import type { UserToken } from "../entities/user-token.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import { isUuid } from "#wire/is-uuid.js";
import type { TokenDeps } from "./token-deps.js";
import type { TokenRecord } from "./token-store.js";

/**
 * Ends one token of the caller's for good; every node refuses it from the
 * moment this returns. Revoking an ended one again changes nothing and answers it.
 *
 * @throws NOT_FOUND when the caller has no such token.
 */
export async function revokeToken(deps: TokenDeps, caller: TokenRecord, key: string): Promise<UserToken> {
  const userId = caller.user.id;
  const result = isUuid(key) ? await deps.store.revoke(userId, key, new Date(deps.clock())) : null;
  if (!result) throw new LatchkeyError("NOT_FOUND", { message: "You have no such token." });
  if (result.changed) deps.audit({ event: "token.revoked", userId, tokenKey: key });
  return result.token;
}

/**
 * Ends every live token of the caller's, the one in use included unless `keepCurrent`.
 * @returns how many ended.
 */
export async function revokeAllTokens(
  deps: TokenDeps,
  caller: TokenRecord,
  keepCurrent: boolean,
): Promise<number> {
  const userId = caller.user.id;
  const keep = keepCurrent ? caller.token.key : null;
  const ended = await deps.store.revokeAll(userId, keep, new Date(deps.clock()));
  deps.audit({ event: "token.revoked_all", userId, tokenKey: caller.token.key, ended });
  return ended;
}
