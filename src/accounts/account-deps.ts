import type { Audit } from "../audit/audit.js";
import type { FieldFault } from "../errors/latchkey-error.js";
import type { KeyedDigest } from "../keys/keyed-digest.js";
import type { Throttle } from "../limits/throttle.js";
import type { Clock } from "../lib/clock.js";
import type { SignToken } from "../tokens/token-deps.js";
import type { AccountStore } from "./account-store.js";

/** The part of passwords/password-hasher that accounts use. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Null for an unknown user: the same work, and never ok. */
  verify(password: string, stored: string | null): Promise<{ ok: boolean; rehash: string | null }>;
  /** What is wrong with the form of a new password; null when nothing is. */
  checkForm(password: string): FieldFault | null;
  /** Whether one of good form is too weak for who has these names; null when it is not. Takes a thread's time. */
  checkStrength(password: string, userInputs: readonly string[]): Promise<FieldFault | null>;
}

export interface AccountDeps {
  store: AccountStore;
  passwords: Passwords;
  sign: SignToken;
  clock: Clock;
  audit: Audit;
  throttle: Throttle;
  /** How client fingerprints are kept. */
  fingerprints: KeyedDigest;
  limits: {
    lifetimeMs: number | null;
    maxLivePerUser: number;
    /** Of privilege tokens. */
    privilegeLifetimeMs: number;
  };
}
