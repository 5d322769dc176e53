import { LRUCache } from "lru-cache";
import type { RateLimit } from "../config/config.js";
import type { Clock } from "../lib/clock.js";
import { waitOf, window, type Counter } from "./counter.js";
import { networkOf } from "./network-of.js";
import { tooManyRequests } from "../errors/latchkey-error.js";

/** Counts invalid tokens by their source address. An address is only asked for when it matters. */
export interface InvalidTokenLimit {
  /**
   * Lets a source present a token. Nothing is looked up as long as no source has to wait.
   *
   * @param isKnown whether the token has been found good before. Only asked when the source has to wait.
   * @throws TOO_MANY_REQUESTS when the source has to wait, and has used up its spare tokens of this second.
   */
  admit(address: () => string, isKnown: () => boolean): void;
  /**
   * Counts an invalid token.
   * @throws TOO_MANY_REQUESTS with `retryAfter` in seconds when the source has to wait already: then it does not count.
   */
  count(address: () => string): void;
}

/** An attacker with more addresses only pushes out the counters of its own first ones. */
const MAX_SOURCES = 10_000;

/**
 * How many unknown tokens are still verified of a source that has to wait: an attacker may share the source with
 * users whose tokens this node has not seen yet. So few signatures cost next to nothing.
 */
const SPARE: RateLimit = { most: 20, periodMs: 1_000 };

interface Source {
  counters: readonly Counter[];
  spare: Counter | null;
}

/**
 * Limits invalid tokens for each source address, in the memory of this node. A write to the database for each of them
 * would let an attacker load it at no cost.
 *
 * @param onLimited called once a window, when a source has to wait from now on.
 */
export function createInvalidTokenLimit(
  { clock, onLimited }: { clock: Clock; onLimited: (address: string) => void },
  limits: readonly RateLimit[],
): InvalidTokenLimit {
  const rules = limits.map(window);
  const spareRule = window(SPARE);
  const sources = new LRUCache<string, Source>({ max: MAX_SOURCES });
  /** When the last source that has to wait may go on. */
  let limitedUntil = -Infinity;

  return {
    admit: (address, isKnown) => {
      const now = clock();
      if (now >= limitedUntil) return;
      const source = sources.get(networkOf(address()));
      if (!source || longestWait(source.counters, now) === 0 || isKnown()) return;
      const waitMs = waitOf(source.spare, now);
      if (waitMs > 0) throw tooManyRequests(waitMs);
      source.spare = spareRule(source.spare, now);
    },
    count: (address) => {
      const now = clock();
      const ip = address();
      const name = networkOf(ip);
      const { counters: before = [], spare = null } = sources.get(name) ?? {};
      const waits = longestWait(before, now);
      if (waits > 0) throw tooManyRequests(waits);
      const counters = rules.map((rule, at) => rule(before[at] ?? null, now));
      sources.set(name, { counters, spare });
      const waitMs = longestWait(counters, now);
      limitedUntil = Math.max(limitedUntil, now + waitMs);
      if (waitMs > 0) onLimited(ip);
    },
  };
}

const longestWait = (counters: readonly Counter[], now: number): number =>
  Math.max(0, ...counters.map((counter) => waitOf(counter, now)));
