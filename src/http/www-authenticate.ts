import type { CredentialReading } from "../credentials/read-credential.js";

export const BEARER = 'Bearer realm="latchkey"';

/** The `WWW-Authenticate` of a 401, with an error only when a token was presented (RFC 6750 section 3.1). */
export function bearerChallenge(presented: CredentialReading): string {
  const token =
    presented.kind === "token" || (presented.kind === "malformed" && presented.mechanism !== "basic");
  return token ? `${BEARER}, error="invalid_token"` : BEARER;
}
