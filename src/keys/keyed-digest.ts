import { createHmac, timingSafeEqual } from "node:crypto";

/** Keeps a text as a keyed digest (HMAC-SHA-256) that names its key: a copied table alone lets nobody guess. */
export interface KeyedDigest {
  hash(text: string): string;
  /** In constant time; false when the key is no longer configured. */
  matches(text: string, stored: string): boolean;
  /** Whether another than the current key made it, so that it ought to be made anew. */
  isOutdated(stored: string): boolean;
}

/** One key per configured secret, the current one first: a stored digest stays valid when the secret is replaced. */
export function createKeyedDigest(keys: readonly { id: string; key: Buffer }[]): KeyedDigest {
  const digest = (key: Buffer, text: string) => createHmac("sha256", key).update(text).digest("base64url");
  const [current] = keys;
  if (!current) throw new Error("a keyed digest needs a key");
  return {
    hash: (text) => `${current.id}.${digest(current.key, text)}`,
    matches: (text, stored) => {
      const used = keys.find(({ id }) => stored.startsWith(`${id}.`));
      if (!used) return false;
      const expected = Buffer.from(`${used.id}.${digest(used.key, text)}`);
      const given = Buffer.from(stored);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
    isOutdated: (stored) => !stored.startsWith(`${current.id}.`),
  };
}
