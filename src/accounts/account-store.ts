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

/** What a successful sign-in writes, all or nothing. */
export interface SignInRecord {
  token: UserToken;
  /** Beyond this many live tokens, the login tokens used longest ago end. */
  maxLive: number;
  /** The renewed password hash, when the stored one is of an older scheme. */
  rehash: string | null;
  /** The hash that was verified: a password changed in between refuses the sign-in. */
  verifiedHash: string;
}

/** What a change of role writes, all or nothing. */
export interface RoleChange {
  userId: string;
  role: Role;
  now: Date;
  /** From when on nobody reads the old role any more, at the earliest. A whole second. */
  settled: Date;
  /** How long a privilege token that says the old role may live from then on. */
  privilegeLifetimeMs: number;
}

/** An account read together with its password hash. */
export type UserWithPassword = User & { passwordHash: string };

/** The storage that accounts need. Every method that writes is one transaction. */
export interface AccountStore {
  /** Adds the account with its identifiers and its first token (if any). Answers the kinds already taken; then nothing was written. */
  add(
    user: UserWithPassword,
    identifiers: readonly Identifier[],
    token: UserToken | null,
  ): Promise<IdentifierKind[]>;
  /** The account that signs in by the first of these identifiers that is there, with its password hash. */
  findByIdentifier(values: readonly string[]): Promise<UserWithPassword | null>;
  /** The accounts of these ids, disabled ones too, without their password hashes. Unknown ids are left out. */
  findByIds(ids: readonly string[]): Promise<Map<string, User>>;
  /** Where the accounts of these identifiers signed in from, since then: the latest 100 addresses. */
  signInAddresses(values: readonly string[], since: Date): Promise<string[]>;
  /** Null when the account was disabled or its password changed meanwhile; else the keys of the tokens that made room. */
  signIn(record: SignInRecord): Promise<{ ended: string[] } | null>;
  /** Moves `lastLoginTime` if the token is still live at `now`; false when it is not. */
  bumpLogin(userId: string, tokenKey: string, now: Date): Promise<boolean>;
  /** False when there is no such account. Nothing changes when it has the role already. */
  setRole(change: RoleChange): Promise<boolean>;
  /** Disabling also ends every token the account holds. */
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
