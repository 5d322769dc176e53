import { parseCookie } from "cookie";
import { badRequest } from "../errors/latchkey-error.js";
import { decodeBase64Utf8 } from "../lib/strict-base64.js";

/**
 * How a credential was presented. `authorization` is an Authorization header without a scheme that is known here:
 * the bare JWT, or something that is no credential at all.
 */
export type Mechanism =
  "authorization" | "basic" | "bearer" | "jwt" | "x-auth-token" | "x-access-token" | "cookie";

/** A user name and password: a credential for signing in only. */
export interface BasicReading {
  kind: "basic";
  userid: string;
  /** May be empty; no account has an empty password. */
  password: string;
}

/** Something shaped like a JWT. Nothing about it is verified yet. */
export interface TokenReading {
  kind: "token";
  mechanism: Exclude<Mechanism, "basic">;
  token: string;
  /** Who the caller says owns the token (the user part of a pair); must turn out to be true. */
  owner: string | null;
  /** What the caller says is the token's key (X-Key); must turn out to be true. */
  key: string | null;
}

/** A credential was presented, and cannot be one. */
export interface MalformedReading {
  kind: "malformed";
  mechanism: Mechanism;
  /** Several session cookies were sent: one of them may be good. */
  ambiguous?: true;
}

/** The request contradicts itself and must be answered with 400; the message repeats nothing of it. */
export interface AmbiguousReading {
  kind: "ambiguous";
  message: string;
}

type Credential = BasicReading | TokenReading | MalformedReading;

/** What a request presents: at most one credential. */
export type Presented = { kind: "none" } | Credential;

export type CredentialReading = Presented | AmbiguousReading;

/** Characters; a header is Latin-1, so bytes too. */
const MAX_LENGTH = 8 * 1024;
const CREDENTIAL_HEADERS = {
  authorization: "Authorization",
  "x-auth-token": "X-Auth-Token",
  "x-access-token": "X-Access-Token",
  "x-key": "X-Key",
} as const;
type CredentialHeader = keyof typeof CREDENTIAL_HEADERS;

// Each segment excludes the dot that ends it, so the match is linear.
const JWT_SHAPE = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
const CONTROL = /\p{Cc}/u;

/**
 * Reads the one credential that a request presents, from its headers alone.
 *
 * A header outranks the cookie and never falls through to it. Two header mechanisms at once, or one of these headers
 * twice, are refused even when they agree: a proxy and this gateway might each believe another one (RFC 6750
 * section 2, RFC 9110 section 5.3). Never throws; takes time linear in the size of the headers.
 *
 * @param rawHeaders Node's `rawHeaders`: name, value, name, value. Merged headers would hide repetition.
 * @param cookieName the session cookie's name, compared exactly.
 */
export function readCredential(rawHeaders: readonly string[], cookieName: string): CredentialReading {
  const { values, repeated, cookies } = collect(rawHeaders);
  if (repeated !== null) return refuse(`The ${CREDENTIAL_HEADERS[repeated]} header was sent more than once.`);
  const [first, second] = [
    readAuthorization(values.get("authorization")),
    readAuthToken(values.get("x-auth-token")),
    readAccessToken(values.get("x-access-token"), values.get("x-key")),
  ].filter((reading) => reading !== null);
  if (second !== undefined) return refuse("Two credentials were sent. Send one.");
  return first ?? readSessionCookie(cookies, cookieName) ?? { kind: "none" };
}

/** @throws BAD_REQUEST for a reading that is ambiguous. */
export function requireOneCredential(reading: CredentialReading): Presented {
  if (reading.kind === "ambiguous") throw badRequest(reading.message);
  return reading;
}

interface Collected {
  /** Without surrounding white space; an empty header is absent. */
  values: Map<CredentialHeader, string>;
  repeated: CredentialHeader | null;
  cookies: string[];
}

function collect(rawHeaders: readonly string[]): Collected {
  const seen = new Map<CredentialHeader, string>();
  const collected: Collected = { values: new Map(), repeated: null, cookies: [] };
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase();
    const value = trim(rawHeaders[i + 1] ?? "");
    if (name === "cookie") collected.cookies.push(value);
    if (!isCredentialHeader(name)) continue;
    // An empty one counts too: another reader might have taken either.
    if (seen.has(name)) collected.repeated ??= name;
    seen.set(name, value);
    if (value !== "") collected.values.set(name, value);
  }
  return collected;
}

function isCredentialHeader(name: string): name is CredentialHeader {
  return Object.hasOwn(CREDENTIAL_HEADERS, name);
}

/** Authorization: Basic, Bearer, JWT, or a bare JWT. Schemes are case-insensitive (RFC 9110 section 11.1). */
function readAuthorization(value: string | undefined): Credential | null {
  if (value === undefined) return null;
  const end = value.search(/[ \t]/);
  const scheme = (end < 0 ? value : value.slice(0, end)).toLowerCase();
  const rest = end < 0 ? "" : afterSpaces(value, end);
  switch (scheme) {
    case "basic":
      return readBasic(rest);
    case "bearer":
      return readTokenOrPair("bearer", rest);
    case "jwt":
      return readToken("jwt", withoutSecondPrefix(rest));
    default:
      return readToken("authorization", value);
  }
}

/** `user:password`, split at the first colon (RFC 7617): a password may hold one, a user name may not. */
function readBasic(encoded: string): Credential {
  const text = decodeText(encoded);
  const colon = text?.indexOf(":") ?? -1;
  if (text === null || colon < 1) return { kind: "malformed", mechanism: "basic" };
  return { kind: "basic", userid: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** X-Auth-Token: a pair or a raw token. */
function readAuthToken(value: string | undefined): Credential | null {
  return value === undefined ? null : readTokenOrPair("x-auth-token", value);
}

/** X-Access-Token and X-Key: one credential in two headers, and none when either is missing. */
function readAccessToken(value: string | undefined, key: string | undefined): Credential | null {
  if (value === undefined && key === undefined) return null;
  if (value === undefined || key === undefined || key.length > MAX_LENGTH || !VISIBLE_ASCII.test(key))
    return { kind: "malformed", mechanism: "x-access-token" };
  return readToken("x-access-token", value, { key });
}

/** `user:token`, split at the last colon: a token has none, a user name may. A JWT has dots, which Base64 has not. */
function readTokenOrPair(mechanism: "bearer" | "x-auth-token", value: string): Credential {
  if (value.includes(".")) return readToken(mechanism, value);
  const text = decodeText(value);
  const colon = text?.lastIndexOf(":") ?? -1;
  if (text === null || colon < 1) return { kind: "malformed", mechanism };
  return readToken(mechanism, text.slice(colon + 1), { owner: text.slice(0, colon) });
}

function readToken(
  mechanism: TokenReading["mechanism"],
  token: string,
  claimed: { owner?: string; key?: string } = {},
): Credential {
  if (token.length > MAX_LENGTH || !JWT_SHAPE.test(token)) return { kind: "malformed", mechanism };
  return { kind: "token", mechanism, token, owner: claimed.owner ?? null, key: claimed.key ?? null };
}

/**
 * The session cookie: a raw token, exactly as it was set (no percent-decoding). An emptied one is absent. Two of our
 * name are no credential: the one that a neighbouring host planted may come first (RFC 6265 section 8.6).
 */
function readSessionCookie(headers: readonly string[], name: string): Credential | null {
  const found = headers
    .flatMap((header) => header.split(";"))
    .map((pair) => parseCookie(pair, { decode: (value) => value })[name])
    .filter((value) => value !== undefined);
  const [value] = found;
  if (value === undefined || (value === "" && found.length === 1)) return null;
  if (found.length > 1) return { kind: "malformed", mechanism: "cookie", ambiguous: true };
  return readToken("cookie", value);
}

/** Strict Base64 of text without control characters (RFC 7617 section 2), or null. */
function decodeText(encoded: string): string | null {
  const text = encoded.length > MAX_LENGTH ? null : decodeBase64Utf8(encoded);
  return text === null || CONTROL.test(text) ? null : text;
}

/** A client that stored the token as it was shown (`JWT x`) puts the scheme before it a second time. */
function withoutSecondPrefix(rest: string): string {
  return /^jwt /i.test(rest) ? afterSpaces(rest, 3) : rest;
}

/** What follows a scheme: spaces separate the two (RFC 9110 section 11.4), a tab stays and spoils what follows. */
function afterSpaces(text: string, from: number): string {
  let start = from;
  while (text[start] === " ") start++;
  return text.slice(start);
}

/** Optional white space of RFC 9110 only. A loop: a regular expression takes quadratic time on inner runs. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start++;
  while (end > start && isBlank(text[end - 1])) end--;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

function refuse(message: string): AmbiguousReading {
  return { kind: "ambiguous", message };
}
