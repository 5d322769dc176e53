import { MAX_JWT_LENGTH } from "#wire/parse-jwt.js";
import { findAuthorization, type RequestHeaders } from "./find-authorization.js";
import { refuse, type Refusal } from "./verification.js";

/** What a token is looked for in: the token itself, or a request's headers. */
export type Credential = string | RequestHeaders;

const SCHEME = "bearer";
/** As nearly everybody writes it. */
const USUAL = "Bearer ";
const SPACE = 32;
/** Characters before the token. */
const MAX_PREFIX = 64;

/**
 * Finds the token that a request presents. Only `Authorization: Bearer` carries one here (RFC 6750 section
 * 2.1); the scheme is case-insensitive. An Authorization header that says anything else is a refused
 * credential, not a missing one: who presents something must not be taken for nobody. The same holds for what is
 * neither a token nor headers, `undefined` too: a misspelt property is no anonymous request.
 *
 * @param credential a string is the token itself, without a scheme; null says that there is none.
 */
export function readToken(credential: Credential | null): string | Refusal {
  if (credential === null || credential === "") return refuse("NO_CREDENTIAL");
  if (typeof credential === "string") return checkLength(credential);
  const header = findAuthorization(credential);
  if (typeof header !== "string") return header;
  return header === "" ? refuse("NO_CREDENTIAL") : readBearer(header);
}

function readBearer(header: string): string | Refusal {
  // Before anything is cut out of it: what is cut out keeps the whole alive.
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
