import { createHash, type JsonWebKey, type KeyObject } from "node:crypto";
import type { SigningAlgorithm } from "../config/config.js";

/** RFC 7638 section 3.2: the required members alone, in alphabetical order. */
function thumbprint(jwk: JsonWebKey): string {
  const members =
    jwk.kty === "EC"
      ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }
      : { e: jwk.e, kty: jwk.kty, n: jwk.n };
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}

/** The one algorithm a key may be used with (RFC 8725 section 3.1); undefined when we sign with no such key. */
export function algorithmOf(key: KeyObject): SigningAlgorithm | undefined {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === "ec" && details?.namedCurve === "prime256v1") return "ES256";
  if (key.asymmetricKeyType === "rsa" && (details?.modulusLength ?? 0) >= 2048) return "RS256";
  return undefined;
}

/** The published form of a public key (RFC 7517), named by its RFC 7638 thumbprint. */
export function publicJwk(key: KeyObject, algorithm: SigningAlgorithm): JsonWebKey & { kid: string } {
  const jwk = key.export({ format: "jwk" });
  return { ...jwk, kid: thumbprint(jwk), use: "sig", alg: algorithm };
}
