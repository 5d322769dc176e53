import { LatchkeyError } from "../errors/latchkey-error.js";
import type { JwtVerifier, SignedJwt } from "../tokens/jwt/verify-jwt.js";
import type { AttemptSource } from "./attempt-source.js";

/**
 * Verifies a token that somebody presents, and counts one that was never good. An expired one was, and so was one whose
 * key has been dropped since it was verified.
 *
 * @throws UNAUTHENTICATED like the verifier; TOO_MANY_REQUESTS in its place when the source has presented too many.
 */
export function verifyCounted(verifier: JwtVerifier, token: string, source: AttemptSource): SignedJwt {
  source.admit(token);
  try {
    return verifier.verify(token);
  } catch (error) {
    const invalid = error instanceof LatchkeyError && error.reason === "INVALID_CREDENTIAL";
    if (invalid) source.countInvalid(token);
    throw error;
  }
}
