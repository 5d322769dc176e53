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

/** The three parts of a JWT as text. None is decoded yet. */
export interface JwtSegments {
  header: string;
  payload: string;
  signature: string;
  /** The signed text: header, dot, payload (RFC 7515 section 5.1). */
  input: string;
}

/** Characters. Latchkey's tokens have about 600. The limit bounds what an attacker can make a program parse. */
export const MAX_JWT_LENGTH = 4096;

const HEADER_NAMES: readonly string[] = ["alg", "kid", "typ"];

function malformed(detail: string): never {
  throw invalidToken(detail);
}

/** Decodes a segment, which must be the canonical base64url form of its bytes. */
export function decodeSegment(segment: string): Buffer {
  const bytes = Buffer.from(segment, "base64url");
  if (bytes.length === 0 || !isBase64urlOf(segment, bytes)) malformed("a segment is not base64url");
  return bytes;
}

/**
 * Parses a JSON object, which must be written exactly as `JSON.stringify` writes it. The gateway's signer does so. This
 * refuses repeated names, also escaped ones: parsers differ in which of them they keep (RFC 8725 section 2.6).
 */
function decodeObject(segment: string): JsonObject {
  const bytes = decodeSegment(segment);
  if (!isUtf8(bytes)) malformed("a segment is not UTF-8");
  const text = bytes.toString();
  const object = parseObject(text);
  if (JSON.stringify(object) !== text) malformed("a segment is not in its only form, or repeats a name");
  return object;
}

/** Parses a JSON object. Of repeated names the last one counts (RFC 7519 section 4). */
export function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    malformed("a segment is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    malformed("a segment is not an object");
  return value as JsonObject;
}

/** Refuses other names: `crit` must not be ignored (RFC 7515 section 4.1.11); `jku`, `x5u` and `jwk` bring keys. */
export function decodeHeader(segment: string): JwtHeader {
  const header = decodeObject(segment);
  const { alg, kid, typ } = header;
  if (typeof alg !== "string" || typeof kid !== "string" || typeof typ !== "string") {
    malformed("the header lacks alg, kid or typ");
  }
  if (Object.keys(header).some((name) => !HEADER_NAMES.includes(name)))
    malformed("the header has an unknown name");
  return { alg, kid, typ };
}

/** Splits the compact form (RFC 7515 section 7.1). A fourth segment makes the signature invalid base64url. */
export function splitJwt(token: string): JwtSegments {
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (first < 1 || second < first + 2 || second === token.length - 1) malformed("not three segments");
  return {
    header: token.slice(0, first),
    payload: token.slice(first + 1, second),
    signature: token.slice(second + 1),
    input: token.slice(0, second),
  };
}

/**
 * Parses a JWT strictly (RFC 7515 compact form). It verifies nothing. The caller limits the length.
 *
 * @throws InvalidTokenError `INVALID_CREDENTIAL` for a form that the gateway's signer does not write.
 */
export function parseJwt(token: string): ParsedJwt {
  const { header, payload, signature } = splitJwt(token);
  decodeSegment(signature);
  return { header: decodeHeader(header), payload: decodeObject(payload) };
}
