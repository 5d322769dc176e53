import { MAX_JWT_LENGTH } from "#wire/parse-jwt.js";
import { findAuthorization, type RequestHeaders } from "./find-authorization.js";
import { refuse, type Refusal } from "./verification.js";

/** The token itself, or the headers of a request. */
export type Credential = string | RequestHeaders;

const SCHEME = "bearer";
/** The usual spelling. */
const USUAL = "Bearer ";
const SPACE = 32;
/** The maximum number of characters before the token. */
const MAX_PREFIX = 64;

/**
 * Finds the token that a request presents. Only `Authorization: Bearer` carries one (RFC 6750 section 2.1); the scheme
 * is case-insensitive. Any other Authorization header is refused, because a caller with a credential is not anonymous.
 * An argument that is neither a token nor headers is refused too, including `undefined`: a misspelt property must not
 * make every caller anonymous.
 *
 * @param credential a string is the token itself, without a scheme; null means that there is none.
 */
export function readToken(credential: Credential | null): string | Refusal {
  if (credential === null || credential === "") return refuse("NO_CREDENTIAL");
  if (typeof credential === "string") return checkLength(credential);
  const header = findAuthorization(credential);
  if (typeof header !== "string") return header;
  return header === "" ? refuse("NO_CREDENTIAL") : readBearer(header);
}

function readBearer(header: string): string | Refusal {
  // Checked before slicing: in V8 a slice keeps the whole string in memory.
  if (header.length > MAX_JWT_LENGTH + MAX_PREFIX)
    return refuse("INVALID_CREDENTIAL", "longer than a token can be");
  const { length } = SCHEME;
  const isBearer =
    header.startsWith(USUAL) ||
    (header.charCodeAt(length) === SPACE && header.slice(0, length).toLowerCase() === SCHEME);
  if (!isBearer) {
    return refuse("INVALID_CREDENTIAL", "the Authorization scheme is not Bearer");
  }
  let start = length + 1;
  while (header.charCodeAt(start) === SPACE) start += 1;
  return checkLength(header.slice(start));
}

function checkLength(token: string): string | Refusal {
  return token.length > MAX_JWT_LENGTH ? refuse("INVALID_CREDENTIAL", "longer than a token can be") : token;
}
