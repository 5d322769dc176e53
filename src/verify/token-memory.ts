import { LRUCache } from "lru-cache";
import { checkTimes } from "../tokens/jwt/check-claims.js";
import type { JwsOpener } from "./open-jws.js";
import type { VerifierSettings } from "./options.js";
import type { Refusal } from "./verification.js";
import { refusalOf, verifyToken } from "./verify-token.js";
import type { VerifiedToken } from "./verify-token.js";

/** Verifies tokens and remembers the good ones. */
export interface TokenMemory {
  /** Form, type, key, signature, claims and times of a token. What has been revoked is another question. */
  check(token: string): VerifiedToken | Refusal;
  size(): number;
  clear(): void;
}

export interface TokenMemoryDeps {
  open: JwsOpener;
  settings: Pick<VerifierSettings, "issuer" | "audience" | "tokens" | "clock" | "cacheSize">;
  /** A token names a key that is not known. */
  onUnknownKey(): void;
}

/** Of the signature: enough that no two good tokens share them. */
const KEY_LENGTH = 22;

/**
 * Remembers tokens by the end of their signature and compares the whole: looking through all of a new string
 * for its hash takes longer than everything else together. Failures are not remembered: guesses cannot push
 * good tokens out.
 */
export function createTokenMemory({ open, settings, onUnknownKey }: TokenMemoryDeps): TokenMemory {
  const { cacheSize, clock } = settings;
  const memory = cacheSize > 0 ? new LRUCache<string, VerifiedToken>({ max: cacheSize }) : undefined;

  function recall(known: VerifiedToken): VerifiedToken | Refusal {
    try {
      checkTimes(known, clock());
      return known;
    } catch (error) {
      return refusalOf(error);
    }
  }

  return {
    check(token) {
      const end = token.slice(-KEY_LENGTH);
      const known = memory?.get(end);
      if (known?.text === token && known.key.live) return recall(known);
      const found = verifyToken(open, settings, token);
      if (!("code" in found)) memory?.set(end, found);
      else if (found.code === "UNKNOWN_KEY") onUnknownKey();
      return found;
    },
    size: () => memory?.size ?? 0,
    clear: () => memory?.clear(),
  };
}
