import {
  failureRule,
  delayAfter,
  waitOf,
  window,
  type Counter,
  type Rule,
} from "../../../src/limits/counter.js";

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
  const rule = failureRule({ free: 5, longestDelayMs: 60 * SECOND, most: 100, stopMs: DAY });

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
    expect(waitsOf(failureRule({ free: 2, longestDelayMs: SECOND, most: 2, stopMs: DAY }), 3)).toEqual([
      0,
      0,
      DAY / SECOND,
    ]);
    expect(waitsOf(failureRule({ free: 1, longestDelayMs: 3 * SECOND, most: 9, stopMs: DAY }), 5)).toEqual([
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

describe("a clock that was set back by an hour", () => {
  const HOUR = 3_600 * SECOND;
  const account = { free: 5, longestDelayMs: 60 * SECOND, most: 100, stopMs: DAY };

  it("blocks nobody until the time that a counter was written for: the next attempt counts by the new time", () => {
    const counter = { amount: 10, blockedUntil: HOUR + 32 * SECOND, expirationTime: HOUR + DAY };
    const longest = delayAfter(account, counter.amount);
    expect(waitOf(counter, HOUR, longest)).toBe(32 * SECOND);
    expect(waitOf(counter, 0, longest)).toBe(0);
    const next = failureRule(account)(counter, 0);
    expect([next.amount, next.blockedUntil]).toEqual([11, 60 * SECOND]);
  });

  it("keeps a stop of a day, which the step only makes longer", () => {
    const counter = { amount: 100, blockedUntil: HOUR + DAY, expirationTime: HOUR + DAY };
    expect(waitOf(counter, HOUR, delayAfter(account, 100))).toBe(DAY);
    const next = failureRule(account)(counter, 0);
    expect([next.amount, next.blockedUntil]).toEqual([101, DAY]);
  });

  it("makes no window longer", () => {
    const rule = window({ most: 3, periodMs: 60 * SECOND });
    const counter = { amount: 3, blockedUntil: HOUR + 50 * SECOND, expirationTime: HOUR + 50 * SECOND };
    expect(waitOf(counter, 0, 60 * SECOND)).toBe(0);
    expect(rule(counter, 0)).toEqual({ amount: 4, blockedUntil: 60 * SECOND, expirationTime: 60 * SECOND });
  });

  it("does not take the clocks of other nodes, a few seconds apart, for one", () => {
    const counter = { amount: 10, blockedUntil: 40 * SECOND, expirationTime: DAY };
    expect(waitOf(counter, -5 * SECOND, delayAfter(account, 10))).toBe(45 * SECOND);
  });
});
