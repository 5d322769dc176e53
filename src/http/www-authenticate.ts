import type { CredentialReading } from "../credentials/read-credential.js";

/** The `WWW-Authenticate` of a 401 where HTTP Basic is the credential (RFC 7617 section 2). */
export const BASIC_CHALLENGE = 'Basic realm="latchkey", charset="UTF-8"';

/** The `WWW-Authenticate` of a 401 where a token is the credential, and none was presented. */
export const BEARER_CHALLENGE = 'Bearer realm="latchkey"';

/** The `WWW-Authenticate` of a 401 for a refused token (RFC 6750 section 3.1). */
export const INVALID_TOKEN_CHALLENGE = `${BEARER_CHALLENGE}, error="invalid_token"`;

/** The `WWW-Authenticate` of a 401, with an error only when a token was presented (RFC 6750 section 3.1). */
export function bearerChallenge(presented: CredentialReading): string {
  const isToken =
    presented.kind === "token" || (presented.kind === "malformed" && presented.mechanism !== "basic");
  return isToken ? INVALID_TOKEN_CHALLENGE : BEARER_CHALLENGE;
}

/** The `WWW-Authenticate` of a 403 for a token without these scopes (RFC 6750 section 3.1). */
export function insufficientScopeChallenge(scopes: readonly string[]): string {
  return `${BEARER_CHALLENGE}, error="insufficient_scope", scope="${scopes.join(" ")}"`;
}
