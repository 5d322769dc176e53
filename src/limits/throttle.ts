import { createHmac } from "node:crypto";
import type { ThrottleConfig } from "../config/config.js";
import type { Clock } from "../lib/clock.js";
import { failureRule, delayAfter, waitOf, window, type Rule } from "./counter.js";
import { networkOf } from "./network-of.js";
import type { CounterChange, ThrottleStore } from "./throttle-store.js";
import { tooManyRequests } from "../errors/latchkey-error.js";

/** An attempt to sign in that was let through, and is counted as a failure until one of these is called. */
export interface Attempt {
  /** The password was right: what counted against the account is forgotten. */
  passed(): Promise<void>;
  /** Nothing was judged: the attempt does not count. */
  withdraw(): Promise<void>;
}

/** A registration that was let through, and is counted as a new account and as a failure until one of these is called. */
export interface RegistrationAttempt {
  /** It made an account, and is no failure. */
  passed(): Promise<void>;
  /** It made no account, and is a failure. */
  refused(): Promise<void>;
  /** Nothing was judged: it does not count at all. */
  withdraw(): Promise<void>;
}

export interface Throttle {
  /**
   * Counts an attempt to sign in before its password is looked at, so that guesses made at once are no way round.
   *
   * @param name what was typed, normalised: unknown names count like those of accounts, and nothing tells them apart.
   * @param isKnown whether the account has signed in from this network before. Only asked when somebody has to wait.
   * @throws TOO_MANY_REQUESTS with `retryAfter` in seconds.
   */
  login(name: string, ip: string | null, isKnown: () => Promise<boolean>): Promise<Attempt>;
  /** Counts a registration before it is judged. @throws TOO_MANY_REQUESTS with `retryAfter` in seconds. */
  registration(ip: string | null): Promise<RegistrationAttempt>;
  /** Lets everybody try this normalised name again at once: strangers, and whoever comes from these addresses. */
  forget(name: string, ips: readonly string[]): Promise<void>;
}

export interface ThrottleDeps {
  store: ThrottleStore;
  clock: Clock;
  /** 32 bytes, HMAC-SHA-256: the names of counters are digests under it. */
  key: Buffer;
}

/** A counter and the rule that it follows. */
interface Charge {
  name: string;
  rule: Rule;
  /** Milliseconds: the longest wait that the rule gives after so many attempts. */
  longestWait: (amount: number) => number;
}

/**
 * Limits guesses for each account and for each source address, and registrations for each source address.
 *
 * An attack must not lock the owner out. So every network has a counter of its own for the account beside the one
 * that all share. A network that the account has signed in from is judged by its own: what strangers do does not count
 * there. It is as strict, for the neighbours of the owner come from the same network. All others are judged by the
 * shared one. This does what OWASP's device cookies do without a cookie, which a program does not keep. Both count
 * every failure from the first one on, so no network gets the free failures of two counters.
 */
export function createThrottle(
  { store, clock, key }: ThrottleDeps,
  { account, source, registrations, registrationFailures }: ThrottleConfig,
): Throttle {
  const digest = (...parts: readonly string[]) =>
    createHmac("sha256", key).update(JSON.stringify(parts)).digest("base64url");
  const ofAccount = {
    rule: failureRule(account),
    longestWait: (amount: number) => delayAfter(account, amount),
  };
  const chargesOf = (kind: string, limits: ThrottleConfig["source"], ip: string | null): Charge[] =>
    limits.map((limit) => ({
      name: digest(kind, String(limit.periodMs), networkOf(ip)),
      rule: window(limit),
      longestWait: () => limit.periodMs,
    }));
  const shared = (name: string): Charge => ({ name: digest("account", name), ...ofAccount });
  const ownOf = (name: string, ip: string | null): Charge => ({
    name: digest("account", name, networkOf(ip)),
    ...ofAccount,
  });

  return {
    login: async (name, ip, isKnown) => {
      const sources = chargesOf("source", source, ip);
      const [own, all] = [ownOf(name, ip), shared(name)];
      const blocked = await charge(store, clock, [...sources, own, all]);
      if (!blocked) return attemptOf(store, names(sources), names([own, all]));
      if (blocked.name !== own.name && blocked.name !== all.name) throw tooManyRequests(blocked.waitMs);
      const judge = (await isKnown()) ? own : all;
      const still = await charge(store, clock, [...sources, judge]);
      if (still) throw tooManyRequests(still.waitMs);
      return attemptOf(store, names(sources), [judge.name]);
    },
    registration: async (ip) => {
      const failed = chargesOf("failed registration", registrationFailures, ip);
      const made = chargesOf("registration", registrations, ip);
      const blocked = await charge(store, clock, [...failed, ...made]);
      if (blocked) throw tooManyRequests(blocked.waitMs);
      return registrationOf(store, names(failed), names(made));
    },
    forget: (name, ips) =>
      store.undo({ one: [], all: [...new Set(names([shared(name), ...ips.map((ip) => ownOf(name, ip))]))] }),
  };
}

/** Lets everything through and counts nothing. */
export const unthrottled: Throttle = {
  login: async () => ({ passed: async () => undefined, withdraw: async () => undefined }),
  registration: async () => ({
    passed: async () => undefined,
    refused: async () => undefined,
    withdraw: async () => undefined,
  }),
  forget: async () => undefined,
};

const names = (charges: readonly Charge[]): string[] => charges.map(({ name }) => name);

interface Blocked {
  name: string;
  waitMs: number;
}

/** Counts one attempt by all rules, or by none when one of the counters blocks it: answers the first that does. */
async function charge(
  store: ThrottleStore,
  clock: Clock,
  charges: readonly Charge[],
): Promise<Blocked | null> {
  const found: { blocked?: Blocked } = {};
  const refused = new Error("an attempt was refused");
  const next: CounterChange = (counters) => {
    const now = clock();
    found.blocked = charges
      .map(({ name, longestWait }, at) => {
        const counter = counters[at] ?? null;
        return { name, waitMs: waitOf(counter, now, longestWait(counter?.amount ?? 0)) };
      })
      .find(({ waitMs }) => waitMs > 0);
    if (found.blocked) throw refused;
    return charges.map(({ rule }, at) => rule(counters[at] ?? null, now));
  };
  try {
    await store.change(names(charges), next);
    return null;
  } catch (error) {
    if (error !== refused || !found.blocked) throw error;
    return found.blocked;
  }
}

function attemptOf(store: ThrottleStore, sources: readonly string[], accounts: readonly string[]): Attempt {
  const settle = settleOnce(store);
  return {
    passed: () => settle({ one: sources, all: accounts }),
    withdraw: () => settle({ one: [...sources, ...accounts], all: [] }),
  };
}

function registrationOf(
  store: ThrottleStore,
  failed: readonly string[],
  made: readonly string[],
): RegistrationAttempt {
  const settle = settleOnce(store);
  return {
    passed: () => settle({ one: failed, all: [] }),
    refused: () => settle({ one: made, all: [] }),
    withdraw: () => settle({ one: [...failed, ...made], all: [] }),
  };
}

function settleOnce(store: ThrottleStore): ThrottleStore["undo"] {
  let open = true;
  return async (undo) => {
    if (!open) return;
    open = false;
    await store.undo(undo);
  };
}
