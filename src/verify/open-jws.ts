import { verify } from "node:crypto";
import { unauthenticated } from "../errors/latchkey-error.js";
import { decodeHeader, decodeObject, decodeSegment, splitJwt } from "../tokens/jwt/parse-jwt.js";
import type { JsonObject, JwtHeader } from "../tokens/jwt/parse-jwt.js";
import type { VerificationKey } from "./verification-key.js";

/** What opening a JWS came to, unless it was malformed or its signature did not hold. */
export type OpenedJws =
  | { kind: "opened"; payload: JsonObject; key: VerificationKey }
  /** Nothing else about it has been looked at. */
  | { kind: "other type"; typ: string }
  | { kind: "unknown key" };

/** @throws LatchkeyError `UNAUTHENTICATED` (`INVALID_CREDENTIAL`) for what the issuer did not sign just so. */
export type JwsOpener = (jws: string, typ: string) => OpenedJws;

/** More than an issuer has keys and types at once. */
const MAX_HEADERS = 256;

function signatureHolds(input: string, signature: Buffer, { input: key }: VerificationKey): boolean {
  try {
    return verify("sha256", Buffer.from(input, "latin1"), key, signature);
  } catch {
    return false;
  }
}

/**
 * Makes what verifies everything that the issuer signs (RFC 7515, RFC 8725): strict form, expected `typ`, a
 * published key, the algorithm of that key, the signature. Claims are the caller's.
 *
 * All tokens of a key have the same header, so a header that a good signature came with is read once.
 */
export function createJwsOpener(keyOf: (kid: string) => VerificationKey | undefined): JwsOpener {
  const headers = new Map<string, JwtHeader>();
  return (jws, typ) => {
    const segments = splitJwt(jws);
    const header = headers.get(segments.header) ?? decodeHeader(segments.header);
    if (header.typ !== typ) return { kind: "other type", typ: header.typ };
    const key = keyOf(header.kid);
    if (!key) return { kind: "unknown key" };
    if (header.alg !== key.algorithm)
      throw unauthenticated("INVALID_CREDENTIAL", "alg is not the one of the key");
    if (!signatureHolds(segments.input, decodeSegment(segments.signature), key)) {
      throw unauthenticated("INVALID_CREDENTIAL", "the signature does not hold");
    }
    if (headers.size >= MAX_HEADERS) headers.clear();
    headers.set(segments.header, header);
    return { kind: "opened", payload: decodeObject(segments.payload), key };
  };
}
