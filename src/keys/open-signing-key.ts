import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import type { SigningAlgorithm } from "../config/config.js";
import type { SigningKey } from "../entities/signing-key.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import { algorithmOf, publicJwk } from "./public-jwk.js";
import { open, seal } from "./envelope.js";
import type { Secrets } from "./secrets.js";

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
