import { isAscii } from "node:buffer";
import { createVerify } from "node:crypto";
import { isBase64urlOf } from "#wire/is-base64url.js";
import { invalidToken } from "#wire/invalid-token-error.js";
import {
  MAX_JWT_LENGTH,
  decodeHeader,
  parseObject,
  splitJwt,
  type JsonObject,
  type JwtHeader,
  type JwtSegments,
} from "#wire/parse-jwt.js";
import { ecdsaDer } from "./ecdsa-der.js";
import type { VerificationKey } from "./verification-key.js";

/** The result of opening a well-formed JWS whose signature, if its key is known, is valid. */
export type OpenedJws =
  | { kind: "opened"; payload: JsonObject; key: VerificationKey }
  /** The issuer signed it, with another `typ`. Its claims were not read. */
  | { kind: "other type"; typ: string }
  | { kind: "unknown key" };

/** @throws InvalidTokenError when the JWS is malformed, or its signature is not valid. */
export type JwsOpener = (jws: string, typ: string) => OpenedJws;

/** Segments are decoded into this buffer: allocating one costs more than filling it. Four characters are three bytes. */
const room = Buffer.alloc((MAX_JWT_LENGTH / 4) * 3);
/** A view of it for each length. The array has its full length at once, or V8 would make it a dictionary. */
const views = new Array<Buffer | undefined>(room.length + 1);

/** The next call overwrites the bytes. */
function bytesOf(segment: string): Buffer {
  // A longer segment is part of a batch, or not valid.
  if (segment.length > MAX_JWT_LENGTH) return Buffer.from(segment, "base64url");
  const length = room.write(segment, "base64url");
  return (views[length] ??= room.subarray(0, length));
}

function signatureHolds({ input, signature }: JwtSegments, { algorithm, key }: VerificationKey): boolean {
  const bytes = bytesOf(signature);
  if (!isBase64urlOf(signature, bytes)) return false;
  const encoded = algorithm === "ES256" ? ecdsaDer(bytes) : bytes;
  if (!encoded) return false;
  try {
    // `crypto.verify` takes a little longer.
    return createVerify("sha256").update(input, "utf8").verify(key, encoded);
  } catch {
    return false;
  }
}

/**
 * Creates the function that verifies everything the issuer signs (RFC 7515, RFC 8725): strict form, a published key,
 * the algorithm of that key, the signature, and the expected `typ`. The caller checks the claims.
 *
 * All tokens of a key have the same header, so the header of the last valid token is cached.
 */
export function createJwsOpener(keyOf: (kid: string) => VerificationKey | undefined): JwsOpener {
  let latest: { text: string; header: JwtHeader } | undefined;
  return (jws, typ) => {
    const segments = splitJwt(jws);
    const header = latest?.text === segments.header ? latest.header : decodeHeader(segments.header);
    const key = keyOf(header.kid);
    if (!key) return { kind: "unknown key" };
    if (header.alg !== key.algorithm) {
      throw invalidToken("alg is not the one of the key");
    }
    if (!signatureHolds(segments, key)) {
      throw invalidToken("the signature does not hold");
    }
    if (header.typ !== typ) return { kind: "other type", typ: header.typ };
    if (header !== latest?.header) latest = { text: segments.header, header };
    // The signature covers exactly these characters, so a strict base64url check is not needed here.
    const bytes = bytesOf(segments.payload);
    const payload = parseObject(bytes.toString(isAscii(bytes) ? "latin1" : "utf8"));
    return { kind: "opened", payload, key };
  };
}
