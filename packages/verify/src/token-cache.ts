import { LRUCache } from "lru-cache";
import { checkTimes } from "#wire/check-claims.js";
import type { JwsOpener } from "./open-jws.js";
import type { VerifierSettings } from "./options.js";
import { idsOf } from "./revocations.js";
import type { Refusal } from "./verification.js";
import { createTokenVerifier, refusalOf, type VerifiedToken } from "./verify-token.js";

/** Verifies tokens and caches the valid ones. */
export interface TokenCache {
  /** Checks form, type, key, signature, claims and times of a token at `now` (milliseconds), but not revocations. */
  check(token: string, now: number): VerifiedToken | Refusal;
  size(): number;
  clear(): void;
}

export interface TokenCacheDeps {
  open: JwsOpener;
  settings: Pick<VerifierSettings, "issuer" | "audience" | "tokens" | "cacheSize">;
  /** Called when a token names an unknown key. */
  onUnknownKey(): void;
}

/** Characters of the signature, six bits each. More would not fit into a small integer of V8. */
const KEY_LENGTH = 5;

/** The cache key: some bits of the signature. A number is much faster to look up than a new string, and smaller. */
function keyOf(token: string): number {
  let key = 0;
  for (let at = token.length - KEY_LENGTH - 1; at < token.length - 1; at += 1)
    key = (key << 6) | (token.charCodeAt(at) & 63);
  return key;
}

/**
 * Caches tokens by a few bits of their signature, and compares the whole text. Of two valid tokens with the same bits
 * the later one replaces the other. Invalid tokens are not cached, so an attacker cannot evict valid ones.
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
