import type { Audit } from "../audit/audit.js";
import type { Role } from "../entities/role.js";
import type { IdentifierKind } from "../entities/user-identifier.js";
import type { UserToken } from "../entities/user-token.js";
import type { User } from "../entities/user.js";
import type { FieldFault } from "../errors/latchkey-error.js";
import type { KeyedDigest } from "../keys/keyed-digest.js";
import type { Clock } from "../lib/clock.js";
import type { Throttle } from "../limits/throttle.js";
import type { SignToken } from "../tokens/token-store.js";

/** One sign-in name of an account, normalised. */
export interface Identifier {
  kind: IdentifierKind;
  value: string;
}

/** What a successful sign-in writes, in one transaction. */
export interface SignInRecord {
  token: UserToken;
  /** With more live tokens than this, the login tokens that were used longest ago are revoked. */
  maxLive: number;
  /** The new password hash, when the stored one uses an older scheme. */
  rehash: string | null;
  /** The hash that was verified. The sign-in is refused if the password has changed since. */
  verifiedHash: string;
}

/** What a change of role needs. It is one transaction. */
export interface RoleChange {
  userId: string;
  role: Role;
  now: Date;
  /** How long a privilege token lives that still states the old role. */
  privilegeLifetimeMs: number;
}

/** An account read together with its password hash. */
export type UserWithPassword = User & { passwordHash: string };

/** The storage of accounts. Every method that writes is one transaction. */
export interface AccountStore {
  /**
   * Adds the account with its identifiers and its first token, if any. Returns the kinds of the identifiers that are
   * already taken; when there are some, nothing was written.
   */
  add(
    user: UserWithPassword,
    identifiers: readonly Identifier[],
    token: UserToken | null,
  ): Promise<IdentifierKind[]>;
  /** The account of the first of these identifiers that exists, with its password hash. */
  findByIdentifier(values: readonly string[]): Promise<UserWithPassword | null>;
  /** The accounts with these ids, including disabled ones, without their password hashes. Unknown ids are left out. */
  findByIds(ids: readonly string[]): Promise<Map<string, User>>;
  /** The latest 100 addresses from which the accounts of these identifiers have signed in since `since`. */
  signInAddresses(values: readonly string[], since: Date): Promise<string[]>;
  /** Returns the keys of the tokens that were revoked to make room; null when the account was disabled or its password changed. */
  signIn(record: SignInRecord): Promise<{ ended: string[] } | null>;
  /** Moves `lastLoginTime` if the token is still live at `now`. False when it is not. */
  bumpLogin(userId: string, tokenKey: string, now: Date): Promise<boolean>;
  /** False when there is no such account. Nothing changes when it already has the role. */
  setRole(change: RoleChange): Promise<boolean>;
  /** False when there is no such account. Disabling also revokes every token of the account. */
  setEnabled(id: string, enabled: boolean, now: Date): Promise<boolean>;
}

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
