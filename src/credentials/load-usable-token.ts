import type { Config } from "../config/config.js";
import type { TokenCheck } from "../tokens/check-token.js";
import { assertTokenUsable, type TokenClaims } from "../tokens/assert-token-usable.js";
import type { SignedJwt } from "../tokens/jwt/verify-jwt.js";
import { revokeReusedToken, type ReuseRevocation } from "../tokens/revoke-token.js";
import type { TokenRecord } from "../tokens/token-store.js";

/** The services that tell whether a token may be used. */
export interface TokenLookup {
  check: TokenCheck;
  tokens: ReuseRevocation;
  config: { tokens: Pick<Config["tokens"], "rotationReuse"> };
}

/**
 * Reads the row of a JWT whose signature holds, at a moment after the call, and checks it. With ROTATION_REUSE=revoke, the
 * use of an earlier version of the token after its grace ends the token: it was stolen.
 *
 * @throws UNAUTHENTICATED with the reason why the token is not valid; SERVICE_UNAVAILABLE when the row cannot be read.
 */
export async function loadUsableToken(
  { check, tokens, config }: TokenLookup,
  jwt: SignedJwt,
): Promise<TokenRecord> {
  const claims: TokenClaims = { sub: jwt.sub, sid: jwt.sid, ver: jwt.kind === "user" ? jwt.ver : null };
  const record = await check(jwt);
  const now = tokens.clock();
  if (record && config.tokens.rotationReuse === "revoke") await revokeReusedToken(tokens, claims, record);
  assertTokenUsable(claims, record, now);
  return record;
}
