import { LRUCache } from "lru-cache";
import { checkTimes } from "#wire/check-claims.js";
import type { JwsOpener } from "./open-jws.js";
import type { VerifierSettings } from "./options.js";
import { idsOf } from "./revocations.js";
import type { Refusal } from "./verification.js";
import { createTokenVerifier, refusalOf, type VerifiedToken } from "./verify-token.js";

/** Verifies tokens and remembers the good ones. */
export interface TokenCache {
  /** Form, type, key, signature, claims and times of a token at `now` (milliseconds). What has been revoked is another question. */
  check(token: string, now: number): VerifiedToken | Refusal;
  size(): number;
  clear(): void;
}

export interface TokenCacheDeps {
  open: JwsOpener;
  settings: Pick<VerifierSettings, "issuer" | "audience" | "tokens" | "cacheSize">;
  /** A token names a key that is not known. */
  onUnknownKey(): void;
}

/** Characters of the signature, six bits each, as far as a small integer goes. */
const KEY_LENGTH = 5;

/** Random bits of the signature: a number is much quicker to look up, and to keep, than a string that is new. */
function keyOf(token: string): number {
  let key = 0;
  for (let at = token.length - KEY_LENGTH - 1; at < token.length - 1; at += 1)
    key = (key << 6) | (token.charCodeAt(at) & 63);
  return key;
}

/**
 * Remembers tokens by a few bits of their signature, and compares the whole: of two good tokens that share
 * those bits the later one takes the place. Failures are not remembered: guesses cannot push good tokens out.
 */
export function createTokenCache({ open, settings, onUnknownKey }: TokenCacheDeps): TokenCache {
  const { cacheSize } = settings;
  const verifyToken = createTokenVerifier(open, settings);
  const memory = cacheSize > 0 ? new LRUCache<number, VerifiedToken>({ max: cacheSize }) : undefined;

  function recall(known: VerifiedToken, now: number): VerifiedToken | Refusal {
    try {
      checkTimes(known, now);
      known.ids ??= idsOf(known.viewer);
      return known;
    } catch (error) {
      return refusalOf(error);
    }
  }

  return {
    check(token, now) {
      const number = keyOf(token);
      const known = memory?.get(number);
      if (known?.text === token && known.key.live) return recall(known, now);
      const found = verifyToken(token, now);
      if (!("code" in found)) memory?.set(number, found);
      else if (found.code === "UNKNOWN_KEY") onUnknownKey();
      return found;
    },
    size: () => memory?.size ?? 0,
    clear: () => memory?.clear(),
  };
}
