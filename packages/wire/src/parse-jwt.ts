import { isUtf8 } from "node:buffer";
import { isBase64urlOf } from "./is-base64url.js";
import { invalidToken } from "./invalid-token-error.js";

export type JsonObject = Record<string, unknown>;

export interface JwtHeader {
  alg: string;
  kid: string;
  typ: string;
}

export interface ParsedJwt {
  header: JwtHeader;
  payload: JsonObject;
}

/** The three parts of a JWT as they are written, none of them read yet. */
export interface JwtSegments {
  header: string;
  payload: string;
  signature: string;
  /** What was signed: header, dot, payload (RFC 7515 section 5.1). */
  input: string;
}

/** Characters. Ours have about 600; this bounds what a stranger can make us hash and parse. */
export const MAX_JWT_LENGTH = 4096;

const HEADER_NAMES: readonly string[] = ["alg", "kid", "typ"];

function refuse(detail: string): never {
  throw invalidToken(detail);
}

/** The bytes of a segment, which must be their one base64url form. */
export function decodeSegment(segment: string): Buffer {
  const bytes = Buffer.from(segment, "base64url");
  if (bytes.length === 0 || !isBase64urlOf(segment, bytes)) refuse("a segment is not base64url");
  return bytes;
}

/**
 * Reads a JSON object that is written as `JSON.stringify` writes it, as our signer does. That refuses
 * repeated names, of which parsers keep different ones (RFC 8725 section 2.6), however they are escaped.
 */
function decodeObject(segment: string): JsonObject {
  const bytes = decodeSegment(segment);
  if (!isUtf8(bytes)) refuse("a segment is not UTF-8");
  const text = bytes.toString();
  const object = parseObject(text);
  if (JSON.stringify(object) !== text) refuse("a segment is not in its only form, or repeats a name");
  return object;
}

/** Reads a JSON object; of repeated names the last one counts (RFC 7519 section 4). */
export function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuse("a segment is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse("a segment is no object");
  return value as JsonObject;
}

/** Any further name is refused: `crit` binds us (RFC 7515 section 4.1.11), `jku`, `x5u` and `jwk` would bring keys. */
export function decodeHeader(segment: string): JwtHeader {
  const header = decodeObject(segment);
  const { alg, kid, typ } = header;
  if (typeof alg !== "string" || typeof kid !== "string" || typeof typ !== "string") {
    refuse("the header lacks alg, kid or typ");
  }
  if (Object.keys(header).some((name) => !HEADER_NAMES.includes(name)))
    refuse("the header has a further name");
  return { alg, kid, typ };
}

/** Takes the compact form apart (RFC 7515 section 7.1). A fourth segment stays in the signature, where it is no base64url. */
export function splitJwt(token: string): JwtSegments {
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (first < 1 || second < first + 2 || second === token.length - 1) refuse("not three segments");
  return {
    header: token.slice(0, first),
    payload: token.slice(first + 1, second),
    signature: token.slice(second + 1),
    input: token.slice(0, second),
  };
}

/**
 * Takes a JWT apart by one strict reading (RFC 7515 compact form). Nothing in it is believed yet. Its
 * length is the caller's to cap.
 *
 * @throws InvalidTokenError `INVALID_CREDENTIAL` for anything our signer would not write.
 */
export function parseJwt(token: string): ParsedJwt {
  const { header, payload, signature } = splitJwt(token);
  decodeSegment(signature);
  return { header: decodeHeader(header), payload: decodeObject(payload) };
}
