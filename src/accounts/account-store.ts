import type { IdentifierKind } from "../entities/user-identifier.js";
import type { Role } from "../entities/role.js";
import type { User } from "../entities/user.js";
import type { UserToken } from "../entities/user-token.js";

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
  /** How long a privilege token lives that still states the old role. */
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
