import { createPublicKey, type KeyObject } from "node:crypto";

/** A published key, ready for use. */
export interface VerificationKey {
  readonly kid: string;
  /** The one algorithm that the key is used with (RFC 8725 section 3.1). */
  readonly algorithm: "ES256" | "RS256";
  /** The key object of `node:crypto`. */
  readonly key: KeyObject;
  /** The public members as JSON. Only equal keys have equal texts. */
  readonly material: string;
  /** False once the issuer no longer publishes the key. Caches of verified tokens check this. */
  live: boolean;
}

const MAX_KID_LENGTH = 256;
const MIN_RSA_BITS = 2048;

/** The members that define the key, or undefined for an unsupported type. */
function materialOf({ kty, crv, x, y, n, e }: Record<string, unknown>): Record<string, unknown> | undefined {
  if (kty === "EC" && crv === "P-256") return { kty, crv, x, y };
  return kty === "RSA" ? { kty, n, e } : undefined;
}

/** OpenSSL verifies a little faster with a key that it has decoded itself than with one that Node built from a JWK. */
const asOpenSslReadsIt = (key: KeyObject): KeyObject =>
  createPublicKey({ key: key.export({ format: "der", type: "spki" }), format: "der", type: "spki" });

/**
 * Reads one key of a JWKS (RFC 7517).
 *
 * @returns undefined for a key that the gateway cannot have used: another type, curve, use or algorithm, or an RSA key
 *   that is too short. A set may contain such keys.
 */
export function readVerificationKey(jwk: unknown): VerificationKey | undefined {
  if (typeof jwk !== "object" || jwk === null) return undefined;
  const { kid, use, alg, ...members } = jwk as Record<string, unknown>;
  const material = materialOf(members);
  if (typeof kid !== "string" || kid === "" || kid.length > MAX_KID_LENGTH || !material) return undefined;
  const algorithm = material.kty === "EC" ? "ES256" : "RS256";
  if ((use !== undefined && use !== "sig") || (alg !== undefined && alg !== algorithm)) return undefined;
  let key: KeyObject;
  try {
    key = asOpenSslReadsIt(createPublicKey({ key: material, format: "jwk" }));
  } catch {
    return undefined;
  }
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < MIN_RSA_BITS) return undefined;
  return { kid, algorithm, key, material: JSON.stringify(material), live: true };
}
