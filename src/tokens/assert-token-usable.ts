import { unauthenticated } from "../errors/latchkey-error.js";
import type { TokenDeps, TokenRecord } from "./token-store.js";

/** What a verified JWT says of itself. */
export interface TokenClaims {
  sub: string;
  sid: string;
  /** Null for a privilege token, which names no version. */
  ver: number | null;
}

/**
 * Decides whether a token whose signature holds is valid as its row stands.
 * `now` is in milliseconds; the row's expiry has no leeway.
 *
 * @throws UNAUTHENTICATED with INVALID_CREDENTIAL (another user's row), TOKEN_REVOKED
 * (logged out, revoked, superseded version, swept, user disabled), TOKEN_EXPIRED or TOKEN_DISABLED.
 */
export function assertTokenUsable(
  presented: TokenClaims,
  record: TokenRecord | undefined,
  now: number,
): asserts record is TokenRecord {
  if (!record) throw unauthenticated("TOKEN_REVOKED", "no such token row");
  const { token, user } = record;
  if (token.userId !== presented.sub)
    throw unauthenticated("INVALID_CREDENTIAL", "the token is another user's");
  if (token.revocationTime) throw unauthenticated("TOKEN_REVOKED", "revoked");
  if (!user.enabled) throw unauthenticated("TOKEN_REVOKED", "the user is disabled");
  if (user.tokensValidFrom && token.creationTime < user.tokensValidFrom) {
    throw unauthenticated("TOKEN_REVOKED", "older than the user's oldest valid token");
  }
  if (isSuperseded(presented, record, now)) throw unauthenticated("TOKEN_REVOKED", "superseded version");
  if (token.expirationTime && token.expirationTime.getTime() <= now) throw unauthenticated("TOKEN_EXPIRED");
  if (!token.enabled) throw unauthenticated("TOKEN_DISABLED");
}

/** True for a JWT of another version than the row's; the one before it passes during the grace after a rotation. */
export function isSuperseded({ ver }: TokenClaims, { token }: TokenRecord, now: number): boolean {
  if (ver === null || ver === token.version) return false;
  const graceEnd = token.previousVersionUntil?.getTime() ?? 0;
  return ver !== token.version - 1 || now >= graceEnd;
}

/**
 * Looks whether the caller's token still stands, after a store has refused to act for it.
 *
 * @returns the caller as the rows say now.
 * @throws UNAUTHENTICATED when it ended meanwhile.
 */
export async function recheckToken(
  deps: Pick<TokenDeps, "store" | "clock">,
  { token: { key, userId } }: TokenRecord,
): Promise<TokenRecord> {
  const record = (await deps.store.findRecords([key])).get(key);
  assertTokenUsable({ sub: userId, sid: key, ver: null }, record, deps.clock());
  return record;
}
