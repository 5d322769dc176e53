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

/** Milliseconds: more than the clocks of two nodes differ. */
const CLOCK_DIFFERENCE_MS = 30_000;

/**
 * Milliseconds that an attempt at `now` has to wait; 0 when it may be made. A counter that blocks for longer than its
 * rule ever does was written before a clock was set back, and blocks nobody: the next attempt counts by the new time.
 *
 * @param longestMs the longest wait that the rule gives.
 */
export function waitOf(counter: Counter | null, now: number, longestMs = Infinity): number {
  const waitMs = (counter?.blockedUntil ?? 0) - now;
  return waitMs > longestMs + CLOCK_DIFFERENCE_MS ? 0 : Math.max(0, waitMs);
}

/** Milliseconds of delay after so many failures in a row. */
export function delayAfter({ free, longestDelayMs, most, stopMs }: BackoffConfig, amount: number): number {
  if (amount >= most) return stopMs;
  return amount < free ? 0 : Math.min(longestDelayMs, FIRST_DELAY_MS * 2 ** (amount - free));
}

/**
 * For failures in a row: some are free, then a delay doubles up to its longest, and at the
 * most that are allowed in a row a stop follows (NIST SP 800-63B-4 section 3.2.2: at most 100).
 * What lies as long back as a stop lasts is forgotten.
 */
export function failureRule(config: BackoffConfig): Rule {
  return (counter, now) => {
    const amount = amountAt(counter, now) + 1;
    return { amount, blockedUntil: now + delayAfter(config, amount), expirationTime: now + config.stopMs };
  };
}

/** So many within a window of time, which begins with the first of them. */
export function window({ most, periodMs }: RateLimit): Rule {
  return (counter, now) => {
    const amount = amountAt(counter, now) + 1;
    // Never later than a window that begins now: the clock may have been set back.
    const end = Math.min(now + periodMs, amount === 1 || !counter ? Infinity : counter.expirationTime);
    return { amount, blockedUntil: amount >= most ? end : 0, expirationTime: end };
  };
}

function amountAt(counter: Counter | null, now: number): number {
  return counter && counter.expirationTime > now ? counter.amount : 0;
}
