import type { BackoffConfig, RateLimit } from "../config/config.js";

/** How often something was tried of late. Times are milliseconds since 1970. */
export interface Counter {
  amount: number;
  blockedUntil: number;
  expirationTime: number;
}

/** The counter after one more attempt at `now`; null stands for one that has never counted. */
export type Rule = (counter: Counter | null, now: number) => Counter;

/** Milliseconds: the delay after the last free failure. Each failure after it doubles the delay. */
const FIRST_DELAY_MS = 1_000;

/** Milliseconds that an attempt at `now` has to wait; 0 when it may be made. */
export function waitOf(counter: Counter | null, now: number): number {
  return Math.max(0, (counter?.blockedUntil ?? 0) - now);
}

/**
 * For failures in a row: some are free, then a delay doubles up to its longest, and at the
 * most that are allowed in a row a stop follows (NIST SP 800-63B-4 section 3.2.2: at most 100).
 * What lies as long back as a stop lasts is forgotten.
 */
export function backoff({ free, longestDelayMs, most, stopMs }: BackoffConfig): Rule {
  const delayAfter = (amount: number): number => {
    if (amount >= most) return stopMs;
    return amount < free ? 0 : Math.min(longestDelayMs, FIRST_DELAY_MS * 2 ** (amount - free));
  };
  return (counter, now) => {
    const amount = amountAt(counter, now) + 1;
    return { amount, blockedUntil: now + delayAfter(amount), expirationTime: now + stopMs };
  };
}

/** So many within a window of time, which begins with the first of them. */
export function window({ most, periodMs }: RateLimit): Rule {
  return (counter, now) => {
    const amount = amountAt(counter, now) + 1;
    const end = amount === 1 || !counter ? now + periodMs : counter.expirationTime;
    return { amount, blockedUntil: amount >= most ? end : 0, expirationTime: end };
  };
}

function amountAt(counter: Counter | null, now: number): number {
  return counter && counter.expirationTime > now ? counter.amount : 0;
}
