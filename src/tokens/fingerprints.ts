import { createHmac, timingSafeEqual } from "node:crypto";

/** How client fingerprints are kept: as a keyed digest that names its key. */
export interface Fingerprints {
  hash(fingerprint: string): string;
  matches(fingerprint: string, stored: string): boolean;
}

/** One key per configured secret, the current one first: a stored digest stays valid when the secret is replaced. */
export function createFingerprints(keys: readonly { id: string; key: Buffer }[]): Fingerprints {
  const digest = (key: Buffer, fingerprint: string) =>
    createHmac("sha256", key).update(fingerprint).digest("base64url");
  const [current] = keys;
  if (!current) throw new Error("fingerprints need a key");
  return {
    hash: (fingerprint) => `${current.id}.${digest(current.key, fingerprint)}`,
    matches: (fingerprint, stored) => {
      const used = keys.find(({ id }) => stored.startsWith(`${id}.`));
      if (!used) return false;
      const expected = Buffer.from(`${used.id}.${digest(used.key, fingerprint)}`);
      const given = Buffer.from(stored);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
