import { NeverIssuedError, LatchkeyError } from "../errors/latchkey-error.js";
import type { TokenCheck } from "../tokens/check-token.js";
import { assertTokenUsable } from "../tokens/assert-token-usable.js";
import type { VerifiedUserJwt } from "#wire/check-claims.js";
import type { JwtVerifier } from "../tokens/jwt/verify-jwt.js";
import { revokeToken } from "../tokens/revoke-token.js";
import type { TokenDeps, TokenRecord } from "../tokens/token-store.js";

/**
 * What came of it. A token that cannot be used any more, or never could, is not an error: whoever presents it has what
 * they want. `neverIssued`: it was no token of ours.
 */
export type Revocation =
  { kind: "done" } | { kind: "unsupported" } | { kind: "nothing"; neverIssued: boolean };

/**
 * Ends the user token that a request presents: whoever has it may end it (RFC 7009). A disabled token is ended too,
 * because it could be enabled again. An invalid, expired, superseded or deleted token stays as it is. A privilege
 * token ends by itself, or with its user token.
 *
 * @throws SERVICE_UNAVAILABLE when the row cannot be read: then nothing is ended.
 */
export async function revokePresentedToken(
  { verifier, check, tokens }: { verifier: JwtVerifier; check: TokenCheck; tokens: TokenDeps },
  token: string,
): Promise<Revocation> {
  try {
    const jwt = verifier.verify(token);
    if (jwt.kind === "privilege") return { kind: "unsupported" };
    const record = await check(jwt);
    assertNotEnded(jwt, record, tokens.clock());
    await revokeToken(tokens, record, jwt.sid);
    return { kind: "done" };
  } catch (error) {
    if (error instanceof LatchkeyError && ["UNAUTHENTICATED", "NOT_FOUND"].includes(error.code)) {
      return { kind: "nothing", neverIssued: error instanceof NeverIssuedError };
    }
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
