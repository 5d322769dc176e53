import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { Secrets } from "./secrets.js";

/** A stored value needs a secret that is not configured: at a start, the operator gave another one. */
export class MissingSecretError extends LatchkeyError {
  constructor(id: string) {
    super("INTERNAL_SERVER_ERROR", {
      detail: `A value was sealed under secret ${id}, which is not configured in LATCHKEY_SECRET.`,
    });
  }
}

const CIPHER = "aes-256-gcm";
/** What GCM is defined for without further hashing (NIST SP 800-38D section 5.2.1.1). */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^v1\.([0-9a-f]{8})\.([\w-]{16})\.([\w-]+)\.([\w-]{22})$/;

/** The context is authenticated too, so that a sealed value opens in its own place only. */
function associatedData(context: string): Buffer {
  return Buffer.from(`latchkey/secret-box/v1/${context}`);
}

function unopenable(detail: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError("INTERNAL_SERVER_ERROR", { detail, cause });
}

/**
 * Encrypts with the current secret (AES-256-GCM).
 *
 * @param context where the value belongs, such as a key's id; needed again to open it.
 * @returns `v1.<secret id>.<iv>.<ciphertext>.<tag>`, the last three in base64url.
 */
export function seal(plaintext: Buffer, secrets: Secrets, context: string): string {
  const secret = secrets.current;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, secret.encryptionKey, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString("base64url"));
  return ["v1", secret.id, ...parts].join(".");
}

/**
 * Decrypts what `seal` made.
 *
 * @returns the plaintext; `outdated` when an earlier secret sealed it and it ought to be sealed anew.
 * @throws LatchkeyError `INTERNAL_SERVER_ERROR`; its `detail` says whether the value was altered or
 *   which secret is missing.
 */
export function open(
  sealed: string,
  secrets: Secrets,
  context: string,
): { plaintext: Buffer; outdated: boolean } {
  const match = SEALED.exec(sealed);
  if (!match) throw unopenable("A sealed value is not of a known form.");
  const [, id, iv, ciphertext, tag] = match as unknown as [string, string, string, string, string];
  const secret = secrets.byId.get(id);
  if (!secret) throw new MissingSecretError(id);
  const decipher = createDecipheriv(CIPHER, secret.encryptionKey, Buffer.from(iv, "base64url"), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associatedData(context)).setAuthTag(Buffer.from(tag, "base64url"));
  try {
    const plaintext = Buffer.concat([decipher.update(ciphertext, "base64url"), decipher.final()]);
    return { plaintext, outdated: id !== secrets.current.id };
  } catch (cause) {
    throw unopenable(`A value sealed under secret ${id} has been altered or moved.`, cause);
  }
}
