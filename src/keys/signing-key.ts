import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";
import { promisify } from "node:util";
import type { SigningAlgorithm } from "../config/config.js";
import type { SigningKey } from "../entities/signing-key.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import { open, seal } from "./envelope.js";
import type { Secrets } from "./secrets.js";

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

const generate = promisify(generateKeyPair);

/**
 * 2048 bits is RFC 7518's floor for RS256 and what every verifier takes; 3072 makes each signature three
 * times as slow on the thread that serves. Who wants more strength has it in ES256, the default.
 */
const RSA_BITS = 2048;

async function generatePrivateKey(algorithm: SigningAlgorithm): Promise<KeyObject> {
  const pair =
    algorithm === "ES256"
      ? await generate("ec", { namedCurve: "P-256" })
      : await generate("rsa", { modulusLength: RSA_BITS });
  return pair.privateKey;
}

/** A kid is an argument on the command line: there, one with a dash in front would be an option. */
async function generateNamed(algorithm: SigningAlgorithm) {
  for (;;) {
    const privateKey = await generatePrivateKey(algorithm);
    const jwk = publicJwk(createPublicKey(privateKey), algorithm);
    if (!jwk.kid.startsWith("-")) return { privateKey, jwk };
  }
}

/**
 * Makes a signing key, its private half sealed under the current secret. It is not stored yet.
 *
 * @param key.createdAt milliseconds; `key.activeFrom` likewise: later than now publishes it before it signs.
 */
export async function generateSigningKey(
  secrets: Secrets,
  key: { algorithm: SigningAlgorithm; createdAt: number; activeFrom: number },
): Promise<SigningKey> {
  const { privateKey, jwk } = await generateNamed(key.algorithm);
  return {
    kid: jwk.kid,
    algorithm: key.algorithm,
    publicJwk: JSON.stringify(jwk),
    privateKey: seal(privateKey.export({ format: "der", type: "pkcs8" }), secrets, jwk.kid),
    creationTime: new Date(key.createdAt),
    activationTime: new Date(key.activeFrom),
    tokensUntil: new Date(key.createdAt),
    dropTime: null,
  };
}

/** A key pair ready for use. */
export interface OpenedKey {
  kid: string;
  algorithm: SigningAlgorithm;
  privateKey: KeyObject;
  publicKey: KeyObject;
  jwk: JsonWebKey;
  /** The private half sealed anew under the current secret; null when it is already. */
  resealed: string | null;
}

/**
 * Opens a stored key. The public half is taken out of the sealed private half and never from its own
 * column, so that who can write to the database but lacks the secret cannot plant a key of their own.
 *
 * @throws LatchkeyError `INTERNAL_SERVER_ERROR` when the row was altered or its secret is missing.
 */
export function openSigningKey(row: SigningKey, secrets: Secrets): OpenedKey {
  const { plaintext, outdated } = open(row.privateKey, secrets, row.kid);
  const privateKey = createPrivateKey({ key: plaintext, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey);
  const algorithm = algorithmOf(publicKey);
  const jwk = algorithm && publicJwk(publicKey, algorithm);
  if (!algorithm || algorithm !== row.algorithm || jwk?.kid !== row.kid) {
    throw new LatchkeyError("INTERNAL_SERVER_ERROR", {
      detail: `Signing key ${row.kid} is not what its row says.`,
    });
  }
  const resealed = outdated ? seal(plaintext, secrets, row.kid) : null;
  return { kid: row.kid, algorithm, privateKey, publicKey, jwk, resealed };
}
