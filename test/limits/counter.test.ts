import { backoff, waitOf, window } from "../../src/limits/counter.js";
import type { Counter, Rule } from "../../src/limits/counter.js";

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

/** Tries as soon as it may, so many times from 0 on; answers what it had to wait before each, in seconds. */
function waitsOf(rule: Rule, attempts: number): number[] {
  let counter: Counter | null = null;
  let now = 0;
  return Array.from({ length: attempts }, () => {
    const wait = waitOf(counter, now);
    now += wait;
    counter = rule(counter, now);
    return wait / SECOND;
  });
}

describe("failures in a row", () => {
  const rule = backoff({ free: 5, longestDelayMs: 60 * SECOND, most: 100, stopMs: DAY });

  it("are free five times, then each doubles the delay from a second to a minute", () => {
    expect(waitsOf(rule, 14)).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it("stop for a day after the hundredth", () => {
    const waits = waitsOf(rule, 202);
    expect(Math.max(...waits.slice(0, 100))).toBe(60);
    expect(waits[100]).toBe(DAY / SECOND);
    expect(waits.slice(101, 106)).toEqual([0, 0, 0, 0, 1]);
  });

  it("are forgotten when the last lies as long back as a stop lasts", () => {
    const counter = { amount: 50, blockedUntil: 0, expirationTime: DAY };
    expect(rule(counter, DAY - 1).amount).toBe(51);
    expect(rule(counter, DAY)).toEqual({ amount: 1, blockedUntil: DAY, expirationTime: 2 * DAY });
  });

  it("may stop at once, and delays may be shorter than a second's doubling", () => {
    expect(waitsOf(backoff({ free: 2, longestDelayMs: SECOND, most: 2, stopMs: DAY }), 3)).toEqual([
      0,
      0,
      DAY / SECOND,
    ]);
    expect(waitsOf(backoff({ free: 1, longestDelayMs: 3 * SECOND, most: 9, stopMs: DAY }), 5)).toEqual([
      0, 1, 2, 3, 3,
    ]);
  });
});

describe("so many within a window", () => {
  const rule = window({ most: 3, periodMs: 60 * SECOND });

  it("pass, and one more waits for its end", () => {
    expect(waitsOf(rule, 7)).toEqual([0, 0, 0, 60, 0, 0, 60]);
  });

  it("begins with the first, and does not move", () => {
    const first = rule(null, 5);
    expect(first.expirationTime).toBe(5 + 60 * SECOND);
    const third = rule(rule(first, 10), 20);
    expect(third).toEqual({
      amount: 3,
      blockedUntil: first.expirationTime,
      expirationTime: first.expirationTime,
    });
    expect(waitOf(third, first.expirationTime - 1)).toBe(1);
    expect(waitOf(third, first.expirationTime)).toBe(0);
  });

  it("begins anew for a counter whose row was only just made", () => {
    const made = { amount: 0, blockedUntil: 0, expirationTime: 0 };
    expect(rule(made, 7)).toEqual(rule(null, 7));
  });

  it("stays shut when the limit was lowered meanwhile", () => {
    const counter = { amount: 9, blockedUntil: 0, expirationTime: 60 * SECOND };
    expect(waitOf(rule(counter, 0), 0)).toBe(60 * SECOND);
  });
});
