import { LatchkeyError } from "../../errors/latchkey-error.js";
import type { JwtVerifier } from "./verify-jwt.js";

/**
 * Has a verifier know a token that was just signed, as if its owner had used it already: its first use costs
 * no signature check then. One that is void at once is refused when it is presented, and not here.
 */
export function rememberJwt(verifier: JwtVerifier, token: string): void {
  try {
    verifier.verify(token);
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error;
  }
}
