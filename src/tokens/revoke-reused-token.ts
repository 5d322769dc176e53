import { isSuperseded, type TokenClaims } from "./assert-token-usable.js";
import type { TokenDeps } from "./token-deps.js";
import type { TokenRecord, TokenStore } from "./token-store.js";

/** What ending a reused token takes. */
export interface ReuseRevocation extends Pick<TokenDeps, "clock" | "audit"> {
  store: Pick<TokenStore, "revoke">;
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
