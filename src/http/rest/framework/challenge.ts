import type { CredentialReading } from "../../../credentials/read-credential.js";
import type { LatchkeyError } from "../../../errors/latchkey-error.js";
import { BEARER, bearerChallenge } from "../../www-authenticate.js";
import type { Operation } from "./dialect.js";

const BASIC = 'Basic realm="latchkey", charset="UTF-8"';

/**
 * The `WWW-Authenticate` of a 401: Basic where Basic signs in (RFC 7617 section 2), Bearer elsewhere, with an error
 * only when a token was presented (RFC 6750 section 3.1).
 */
export function challengeOf(
  operation: Operation,
  error: LatchkeyError,
  presented: CredentialReading,
): string {
  if (operation.access === "basic") return BASIC;
  return operation.access === "guarded" && error.reason !== "NO_CREDENTIAL"
    ? bearerChallenge(presented)
    : BEARER;
}
