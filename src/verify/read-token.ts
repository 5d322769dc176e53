import { MAX_JWT_LENGTH } from "../tokens/jwt/parse-jwt.js";
import { refuse } from "./verification.js";
import type { Refusal } from "./verification.js";

/** The headers of a Fetch request, or what has the same `get`. */
export interface FetchHeaders {
  get(name: string): string | null;
}

/** The headers of a Node request: names in lower case. */
export type NodeHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a token is looked for in: the token itself, or a request's headers. */
export type Credential = string | NodeHeaders | FetchHeaders;

const SCHEME = "bearer";
/** As nearly everybody writes it. */
const USUAL = "Bearer ";
const SPACE = 32;
/** Characters before the token. */
const MAX_PREFIX = 64;

const isFetchHeaders = (headers: object): headers is FetchHeaders =>
  typeof (headers as { get?: unknown }).get === "function";

/**
 * Finds the token that a request presents. Only `Authorization: Bearer` carries one here (RFC 6750 section
 * 2.1); the scheme is case-insensitive. An Authorization header that says anything else is a refused
 * credential, not a missing one: who presents something must not be taken for nobody.
 *
 * @param credential a string is the token itself, without a scheme.
 */
export function readToken(credential: Credential | null | undefined): string | Refusal {
  if (credential === null || credential === undefined || credential === "") return refuse("NO_CREDENTIAL");
  if (typeof credential === "string") return checkLength(credential);
  if (typeof credential !== "object") return refuse("INVALID_CREDENTIAL", "neither a token nor headers");
  const header = isFetchHeaders(credential) ? credential.get("authorization") : credential.authorization;
  if (header === null || header === undefined || header === "") return refuse("NO_CREDENTIAL");
  if (typeof header !== "string")
    return refuse("INVALID_CREDENTIAL", "Authorization is there more than once");
  return readBearer(header);
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
