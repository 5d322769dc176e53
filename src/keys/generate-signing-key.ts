import { createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import type { SigningAlgorithm } from "../config/config.js";
import type { SigningKey } from "../entities/signing-key.js";
import { publicJwk } from "./public-jwk.js";
import { seal } from "./envelope.js";
import type { Secrets } from "./secrets.js";

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
