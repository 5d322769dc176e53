import type { Clock } from "../lib/clock.js";
import type { TokenCheck } from "../tokens/check-token.js";
import { assertTokenUsable, type PresentedToken } from "../tokens/assert-token-usable.js";
import type { SignedJwt } from "../tokens/jwt/verify-jwt.js";
import type { TokenRecord } from "../tokens/token-store.js";

export interface LoadUsableTokenDeps {
  check: TokenCheck;
  clock: Clock;
  /** Ends a token one of whose earlier versions was used again: it was stolen. Null: reuse is only refused. */
  revokeReused: ((presented: PresentedToken, record: TokenRecord) => Promise<void>) | null;
}

/**
 * Looks up the row behind a JWT whose signature holds, at a moment after the call, and judges it.
 *
 * @throws UNAUTHENTICATED with the reason why it is not valid; SERVICE_UNAVAILABLE when the row cannot be checked.
 */
export async function loadUsableToken(deps: LoadUsableTokenDeps, jwt: SignedJwt): Promise<TokenRecord> {
  const claims: PresentedToken = { sub: jwt.sub, sid: jwt.sid, ver: jwt.kind === "user" ? jwt.ver : null };
  const record = await deps.check(jwt);
  const now = deps.clock();
  if (record) await deps.revokeReused?.(claims, record);
  assertTokenUsable(claims, record, now);
  return record;
}
