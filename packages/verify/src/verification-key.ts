import { createPublicKey, type KeyObject } from "node:crypto";

/** A published key, ready to verify with. */
export interface VerificationKey {
  readonly kid: string;
  /** The one algorithm that the key is used with (RFC 8725 section 3.1). */
  readonly algorithm: "ES256" | "RS256";
  /** What `node:crypto` verifies with. */
  readonly key: KeyObject;
  /** Its public members: equal for the same key only. */
  readonly material: string;
  /** False once the issuer publishes it no more; who holds on to a key looks here. */
  live: boolean;
}

const MAX_KID_LENGTH = 256;
const MIN_RSA_BITS = 2048;

/** The members that make the key, or undefined when it is of no kind that is known here. */
function materialOf({ kty, crv, x, y, n, e }: Record<string, unknown>): Record<string, unknown> | undefined {
  if (kty === "EC" && crv === "P-256") return { kty, crv, x, y };
  return kty === "RSA" ? { kty, n, e } : undefined;
}

/** A key that OpenSSL has decoded itself is a little quicker to verify with than one that was put together for it. */
const asOpenSslReadsIt = (key: KeyObject): KeyObject =>
  createPublicKey({ key: key.export({ format: "der", type: "spki" }), format: "der", type: "spki" });

/**
 * Reads one key of a JWKS (RFC 7517).
 *
 * @returns undefined for a key that none of our tokens is signed with: another type, curve, use or algorithm,
 *   or too short a one. A set may hold such keys.
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
