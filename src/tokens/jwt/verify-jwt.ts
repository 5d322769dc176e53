import jsonwebtoken from "jsonwebtoken";
import { LRUCache } from "lru-cache";
import { hash } from "node:crypto";
import { LatchkeyError, NeverIssuedError, unauthenticated } from "../../errors/latchkey-error.js";
import type { KeyRing } from "../../keys/key-ring.js";
import type { Clock } from "../../lib/clock.js";
import {
  IAT_LEEWAY_MS,
  checkClaims,
  checkTimes,
  type Expectations,
  type VerifiedJwt,
} from "#wire/check-claims.js";
import { InvalidTokenError } from "#wire/invalid-token-error.js";
import { MAX_JWT_LENGTH, parseJwt } from "#wire/parse-jwt.js";

export interface JwtVerifier {
  /**
   * Verifies a JWT that this gateway signed: form, algorithm, signature, every claim, and the times against
   * the clock. Whether its row still stands is another question.
   *
   * @throws LatchkeyError `UNAUTHENTICATED` (`INVALID_CREDENTIAL` or `TOKEN_EXPIRED`). It is a NeverIssuedError
   * unless the token has expired or was found good before (its key may have been dropped since).
   */
  verify(token: string): SignedJwt;
  /** Whether a token was found good here before, and is remembered. It may have ended since. No signature is checked. */
  knows(token: string): boolean;
}

/** What a verified JWT claims, and the key that signed it. */
export type SignedJwt = Readonly<VerifiedJwt & { kid: string }>;

interface JwtVerifierDeps extends Expectations {
  keys: Pick<KeyRing, "publicKey">;
  clock: Clock;
  /**
   * Up to when a token may have been issued, by a clock that does not go back. A token that we signed before this
   * node's clock was set back lies in the future by `clock` alone; whether it is good, its row says. By default `clock`.
   */
  issuedBy?: Clock;
  /** Told by how many milliseconds a token that we signed lies in the future, when it is refused for that. */
  onIssuedAhead?: (milliseconds: number) => void;
  /** How many verified tokens are remembered. */
  cacheSize?: number;
}

function cacheKeyOf(kid: string, keys: JwtVerifierDeps["keys"]) {
  const known = keys.publicKey(kid);
  if (!known) throw unauthenticated("INVALID_CREDENTIAL", "kid names no key of ours");
  return known;
}

/** The key decides the algorithm; a header that says otherwise is refused (RFC 8725 section 3.1). */
function checkSignature(token: string, kid: string, keys: JwtVerifierDeps["keys"]): void {
  const known = cacheKeyOf(kid, keys);
  try {
    // The times are ours to check: the library rounds the clock down and lets `iat` be anything.
    jsonwebtoken.verify(token, known.key, {
      algorithms: [known.algorithm],
      ignoreExpiration: true,
      ignoreNotBefore: true,
    });
  } catch {
    throw unauthenticated(
      "INVALID_CREDENTIAL",
      "alg is not the one of the key, or the signature does not hold",
    );
  }
}

/** Runs a reading or a check of a token. Its error becomes the gateway's own. */
function asLatchkeyError<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof InvalidTokenError) throw unauthenticated(error.reason, error.detail);
    throw error;
  }
}

/**
 * Makes the one verifier of the JWTs that the gateway accepts.
 *
 * A token that was found good is remembered by its digest, so that its next use costs a hash and not a
 * signature check; the times and the key are looked at again at every use. Failures are not remembered:
 * guesses cannot push good tokens out.
 */
export function createJwtVerifier(deps: JwtVerifierDeps): JwtVerifier {
  const { keys, clock, issuedBy = clock, onIssuedAhead } = deps;
  const cache = new LRUCache<string, SignedJwt>({ max: deps.cacheSize ?? 10_000 });
  const digestOf = (token: string) => hash("sha256", token, "base64");

  /** `iat` of a JWT whose signature holds, whatever else it says. */
  function tellWhenAhead(iat: unknown): void {
    const aheadMs = typeof iat === "number" ? iat * 1000 - issuedBy() : 0;
    if (aheadMs > IAT_LEEWAY_MS) onIssuedAhead?.(aheadMs);
  }

  /** Reads and verifies a token that is not in the cache. */
  function verifyUnknown(token: string): SignedJwt {
    try {
      const { header, payload } = asLatchkeyError(() => parseJwt(token));
      checkSignature(token, header.kid, keys);
      tellWhenAhead(payload.iat);
      const claims = asLatchkeyError(() => checkClaims(header.typ, payload, deps, clock(), issuedBy()));
      return Object.freeze({ ...claims, kid: header.kid });
    } catch (error) {
      const isInvalid = error instanceof LatchkeyError && error.reason === "INVALID_CREDENTIAL";
      throw isInvalid ? new NeverIssuedError(error.detail, error) : error;
    }
  }

  return {
    verify(token) {
      if (token.length > MAX_JWT_LENGTH) {
        throw new NeverIssuedError("longer than a token can be");
      }
      const digest = digestOf(token);
      const known = cache.get(digest);
      if (known) {
        cacheKeyOf(known.kid, keys);
        tellWhenAhead(known.iat);
        asLatchkeyError(() => checkTimes(known, clock(), issuedBy()));
        return known;
      }
      const verified = verifyUnknown(token);
      cache.set(digest, verified);
      return verified;
    },
    knows: (token) => token.length <= MAX_JWT_LENGTH && cache.has(digestOf(token)),
  };
}

/** Milliseconds: every request may present such a token. */
const TOLD_EVERY_MS = 60_000;

/**
 * Makes what tells an operator, at most once a minute, that tokens which this installation signed are refused
 * because they are issued later than this node's clock says.
 */
export function createIssuedAheadReport(
  log: { warn(fields: object, message: string): void },
  monotonic: Clock,
): (aheadMs: number) => void {
  let toldAt = -Infinity;
  return (aheadMs) => {
    const now = monotonic();
    if (now - toldAt < TOLD_EVERY_MS) return;
    toldAt = now;
    log.warn(
      { aheadMs },
      "a token of this installation is refused: it is issued in the future, so this node's clock or that of the node which issued it is wrong",
    );
  };
}
