import { LRUCache } from "lru-cache";
import type { RateLimit } from "../config/config.js";
import type { Clock } from "../lib/clock.js";
import { waitOf, window } from "./counter.js";
import type { Counter } from "./counter.js";
import { networkOf } from "./network-of.js";
import { tooManyRequests } from "./too-many-requests.js";

/** Counts forged credentials by their source. An address is only asked for when it matters. */
export interface ForgeryLimit {
  /**
   * Lets a source present a credential. Nothing is looked up as long as no source has to wait.
   *
   * @param isKnown whether the credential has been found good before: one that has passes, for an attacker may
   * share the source with those who are signed in. Only asked when the source has to wait.
   * @throws TOO_MANY_REQUESTS with `retryAfter` in seconds.
   */
  admit(address: () => string, isKnown: () => boolean): void;
  /** Counts one that was forged. */
  count(address: () => string): void;
}

export interface ForgeryLimitDeps {
  clock: Clock;
  /** Told once when a source has forged too often, and has to wait from now on. */
  shut: (address: string) => void;
}

/** Who forges from more of them only pushes out what counted against its own first ones. */
const MAX_SOURCES = 10_000;

/**
 * Limits forgeries for each source address, in the memory of this node: a write to the database for each of them
 * would make an attack on it of what costs the attacker nothing.
 */
export function createForgeryLimit(
  { clock, shut }: ForgeryLimitDeps,
  limits: readonly RateLimit[],
): ForgeryLimit {
  const rules = limits.map(window);
  // Longer than any window lasts after what counts in it: what is dropped by it no longer blocks anybody.
  const ttl = Math.max(...limits.map(({ periodMs }) => periodMs));
  const sources = new LRUCache<string, readonly Counter[]>({ max: MAX_SOURCES, ttl });
  /** When the last source that has to wait may go on. */
  let shutUntil = -Infinity;

  return {
    admit: (address, isKnown) => {
      const now = clock();
      if (now >= shutUntil) return;
      const waitMs = longestWait(sources.get(networkOf(address())), now);
      if (waitMs > 0 && !isKnown()) throw tooManyRequests(waitMs);
    },
    count: (address) => {
      const now = clock();
      const ip = address();
      const source = networkOf(ip);
      const before = sources.get(source);
      const after = rules.map((rule, at) => rule(before?.[at] ?? null, now));
      sources.set(source, after);
      const waitMs = longestWait(after, now);
      shutUntil = Math.max(shutUntil, now + waitMs);
      if (waitMs > 0 && longestWait(before, now) === 0) shut(ip);
    },
  };
}

const longestWait = (counters: readonly Counter[] | undefined, now: number): number =>
  Math.max(0, ...(counters ?? []).map((counter) => waitOf(counter, now)));
