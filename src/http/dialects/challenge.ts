import type { CredentialReading } from "../../credentials/read-credential.js";
import type { LatchkeyError } from "../../errors/latchkey-error.js";
import type { Operation } from "./dialect.js";

const BASIC = 'Basic realm="latchkey", charset="UTF-8"';
const BEARER = 'Bearer realm="latchkey"';

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
  const token =
    presented.kind === "token" || (presented.kind === "malformed" && presented.mechanism !== "basic");
  return operation.access === "guarded" && token && error.reason !== "NO_CREDENTIAL"
    ? `${BEARER}, error="invalid_token"`
    : BEARER;
}
