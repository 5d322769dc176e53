import { LatchkeyError } from "../errors/latchkey-error.js";
import type { TokenCheck } from "../tokens/check-token.js";
import { assertTokenUsable } from "../tokens/assert-token-usable.js";
import type { VerifiedUserJwt } from "../tokens/jwt/check-claims.js";
import type { JwtVerifier } from "../tokens/jwt/verify-jwt.js";
import { revokeToken } from "../tokens/revoke-token.js";
import type { TokenDeps } from "../tokens/token-deps.js";
import type { TokenRecord } from "../tokens/token-store.js";
import type { AttemptSource } from "./attempt-source.js";
import { verifyCounted } from "./verify-counted.js";

/** What came of it: whoever presents a token that is good for nothing has what they want. */
export type Revocation = "done" | "nothing" | "unsupported";

/**
 * Ends the user token that somebody presents: who has it may end it (RFC 7009). A
 * disabled one is ended too, for it could be enabled again; one that is forged, expired, superseded or gone
 * stays as it is. A privilege token ends by itself, or with its user token.
 *
 * @throws SERVICE_UNAVAILABLE when the row cannot be checked: then nothing is ended; TOO_MANY_REQUESTS when the presenter's
 * forgeries were too many.
 */
export async function revokePresentedToken(
  { verifier, check, tokens }: { verifier: JwtVerifier; check: TokenCheck; tokens: TokenDeps },
  token: string,
  source: AttemptSource,
): Promise<Revocation> {
  try {
    const jwt = verifyCounted(verifier, token, source);
    if (jwt.kind === "privilege") return "unsupported";
    const record = await check(jwt);
    assertNotEnded(jwt, record, tokens.clock());
    await revokeToken(tokens, record, jwt.sid);
    return "done";
  } catch (error) {
    if (error instanceof LatchkeyError && ["UNAUTHENTICATED", "NOT_FOUND"].includes(error.code))
      return "nothing";
    throw error;
  }
}

function assertNotEnded(
  { sub, sid, ver }: VerifiedUserJwt,
  record: TokenRecord | undefined,
  now: number,
): asserts record is TokenRecord {
  const enabled = record && { ...record, token: { ...record.token, enabled: true } };
  assertTokenUsable({ sub, sid, ver }, enabled, now);
}
