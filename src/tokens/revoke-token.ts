import type { UserToken } from "../entities/user-token.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import { isUuid } from "#wire/is-uuid.js";
import { isSuperseded, type TokenClaims } from "./assert-token-usable.js";
import type { TokenDeps, TokenRecord, TokenStore } from "./token-store.js";

/** What ending a reused token takes. */
export interface ReuseRevocation extends Pick<TokenDeps, "clock" | "audit"> {
  store: Pick<TokenStore, "revoke">;
}

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

/**
 * Ends a live token one of whose earlier versions is used after its grace: two
 * parties hold it, so one of them stole it (RFC 9700 section 4.14.2). A later
 * version than the row's is no reuse: it comes from a backup that was restored.
 */
export async function revokeReusedToken(
  deps: ReuseRevocation,
  presented: TokenClaims,
  record: TokenRecord,
): Promise<void> {
  const { token } = record;
  const now = deps.clock();
  const reused = isSuperseded(presented, record, now) && (presented.ver ?? 0) < token.version;
  if (!reused || token.revocationTime) return;
  const result = await deps.store.revoke(token.userId, token.key, new Date(now));
  if (result?.changed) deps.audit({ event: "token.reused", userId: token.userId, tokenKey: token.key });
}
