import { isAscii } from "node:buffer";
import { verify } from "node:crypto";
import { unauthenticated } from "../errors/latchkey-error.js";
import { isBase64urlOf } from "../lib/is-base64url.js";
import { MAX_JWT_LENGTH, decodeHeader, parseObject, splitJwt } from "../tokens/jwt/parse-jwt.js";
import type { JsonObject, JwtHeader, JwtSegments } from "../tokens/jwt/parse-jwt.js";
import type { VerificationKey } from "./verification-key.js";

/** What opening a JWS came to, unless it was malformed or its signature did not hold. */
export type OpenedJws =
  | { kind: "opened"; payload: JsonObject; key: VerificationKey }
  /** Nothing else about it has been looked at. */
  | { kind: "other type"; typ: string }
  | { kind: "unknown key" };

/** @throws LatchkeyError `UNAUTHENTICATED` (`INVALID_CREDENTIAL`) for what the issuer did not sign just so. */
export type JwsOpener = (jws: string, typ: string) => OpenedJws;

/** Bytes of a token are written here: to make a buffer for each costs more than to fill it. Good until the next call. */
const inputRoom = Buffer.alloc(4 * MAX_JWT_LENGTH);
const segmentRoom = Buffer.alloc(4 * MAX_JWT_LENGTH);

function bytesOf(text: string, encoding: "utf8" | "base64url", room: Buffer): Buffer {
  // A character makes three bytes at most; what is longer is a batch.
  if (text.length * 3 > room.length) return Buffer.from(text, encoding);
  return room.subarray(0, room.write(text, encoding));
}

function signatureHolds({ input, signature }: JwtSegments, { input: key }: VerificationKey): boolean {
  const bytes = bytesOf(signature, "base64url", segmentRoom);
  if (!isBase64urlOf(signature, bytes)) return false;
  try {
    return verify("sha256", bytesOf(input, "utf8", inputRoom), key, bytes);
  } catch {
    return false;
  }
}

/**
 * Makes what verifies everything that the issuer signs (RFC 7515, RFC 8725): strict form, expected `typ`, a
 * published key, the algorithm of that key, the signature. Claims are the caller's.
 *
 * All tokens of a key have the same header: the last one that a good signature came with is not read again.
 */
export function createJwsOpener(keyOf: (kid: string) => VerificationKey | undefined): JwsOpener {
  let latest: { text: string; header: JwtHeader } | undefined;
  return (jws, typ) => {
    const segments = splitJwt(jws);
    const header = latest?.text === segments.header ? latest.header : decodeHeader(segments.header);
    if (header.typ !== typ) return { kind: "other type", typ: header.typ };
    const key = keyOf(header.kid);
    if (!key) return { kind: "unknown key" };
    if (header.alg !== key.algorithm) {
      throw unauthenticated("INVALID_CREDENTIAL", "alg is not the one of the key");
    }
    if (!signatureHolds(segments, key)) {
      throw unauthenticated("INVALID_CREDENTIAL", "the signature does not hold");
    }
    if (header !== latest?.header) latest = { text: segments.header, header };
    // The signature holds for these very characters, so how they encode the text is no question any more.
    const bytes = bytesOf(segments.payload, "base64url", segmentRoom);
    const payload = parseObject(bytes.toString(isAscii(bytes) ? "latin1" : "utf8"));
    return { kind: "opened", payload, key };
  };
}
