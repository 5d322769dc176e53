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

/** What opening a JWS came to, unless it was malformed or its signature did not hold. */
export type OpenedJws =
  | { kind: "opened"; payload: JsonObject; key: VerificationKey }
  /** The issuer signed it, as something else. What it claims has not been looked at. */
  | { kind: "other type"; typ: string }
  | { kind: "unknown key" };

/** @throws InvalidTokenError for what the issuer did not sign just so. */
export type JwsOpener = (jws: string, typ: string) => OpenedJws;

/** What a segment says is written here: to make a buffer for each costs more than to fill it. Three bytes to four characters. */
const room = Buffer.alloc((MAX_JWT_LENGTH / 4) * 3);
/** The same place at each length, made once. An array that grew by leaps would become a dictionary. */
const views = new Array<Buffer | undefined>(room.length + 1);

/** Good until the next call. */
function bytesOf(segment: string): Buffer {
  // What is longer is a batch, or no token.
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
    // In one go, by `crypto.verify`, it takes a little longer.
    return createVerify("sha256").update(input, "utf8").verify(key, encoded);
  } catch {
    return false;
  }
}

/**
 * Makes what verifies everything that the issuer signs (RFC 7515, RFC 8725): strict form, a
 * published key, the algorithm of that key, the signature, expected `typ`. Claims are the caller's.
 *
 * All tokens of a key have the same header: the last one that a good signature came with is not read again.
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
    // The signature holds for these very characters, so how they encode the text is no question any more.
    const bytes = bytesOf(segments.payload);
    const payload = parseObject(bytes.toString(isAscii(bytes) ? "latin1" : "utf8"));
    return { kind: "opened", payload, key };
  };
}
