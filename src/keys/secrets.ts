import { hkdfSync } from "node:crypto";
import { LatchkeyError } from "../errors/latchkey-error.js";

/** The keys made from one configured secret. The secret itself is used for nothing else. */
export interface DerivedSecret {
  /** 8 hexadecimal characters that stored values name the secret by. Not a secret. */
  id: string;
  /** 32 bytes, AES-256: seals the private halves of signing keys. */
  encryptionKey: Buffer;
  /** 48 bytes, HMAC-SHA-384: goes over every password before its slow hash. */
  pepper: Buffer;
  /** 32 bytes, HMAC-SHA-256: hashes client fingerprints. */
  fingerprintKey: Buffer;
  /** 32 bytes, HMAC-SHA-256: hashes the secrets of clients. */
  clientSecretKey: Buffer;
  /** 32 bytes, HMAC-SHA-256: names the counters of throttling. */
  throttleKey: Buffer;
  /** 32 bytes, HMAC-SHA-256: names the channel of nudges. */
  channelKey: Buffer;
}

/** The purposes of which values are stored that name their secret: their keys are needed for as long as the values are. */
type StoredPurpose = "pepper" | "fingerprintKey" | "clientSecretKey";

/** All secrets that stored values may name. Only the current one is used for new values. */
export interface Secrets {
  current: DerivedSecret;
  byId: ReadonlyMap<string, DerivedSecret>;
  /** The key for one purpose from every secret, the current secret's first. */
  keysFor(purpose: StoredPurpose): { id: string; key: Buffer }[];
}

/** RFC 5869: the label keeps one purpose's key from serving another; the secrets are random, so no salt is needed. */
function derive(secret: string, label: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "", `latchkey/v1/${label}`, bytes));
}

function deriveSecret(secret: string): DerivedSecret {
  return {
    id: derive(secret, "secret-id", 4).toString("hex"),
    encryptionKey: derive(secret, "signing-key-encryption", 32),
    pepper: derive(secret, "password-pepper", 48),
    fingerprintKey: derive(secret, "client-fingerprint", 32),
    clientSecretKey: derive(secret, "client-secret", 32),
    throttleKey: derive(secret, "throttle", 32),
    channelKey: derive(secret, "nudge-channel", 32),
  };
}

/**
 * Derives every key the gateway needs from its configured secrets (HKDF-SHA-256, one label each).
 *
 * @param secrets the first is current, the others are earlier ones that stored values may still name.
 * @throws LatchkeyError `INTERNAL_SERVER_ERROR` when there is none.
 */
export function deriveSecrets(secrets: readonly string[]): Secrets {
  const derived = secrets.map(deriveSecret);
  const [current] = derived;
  if (!current) throw new LatchkeyError("INTERNAL_SERVER_ERROR", { detail: "No secret is configured." });
  const byId = new Map(derived.map((secret) => [secret.id, secret]));
  return {
    current,
    byId,
    keysFor: (purpose) => [...byId.values()].map(({ id, [purpose]: key }) => ({ id, key })),
  };
}
