import type { Audit } from "../audit/audit.js";
import type { UserToken } from "../entities/user-token.js";
import type { User } from "../entities/user.js";
import type { KeyedDigest } from "../keys/keyed-digest.js";
import type { Clock } from "../lib/clock.js";

/** A token and its owner, read together by the row check. */
export interface TokenRecord {
  token: UserToken;
  user: User;
}

/** A page of tokens, newest first, starts just after this one. */
export interface TokenCursor {
  creationTime: Date;
  key: string;
}

/** Which of a user's tokens are listed. */
export interface TokenPageQuery {
  userId: string;
  now: Date;
  first: number;
  after: TokenCursor | null;
  includeEnded: boolean;
}

export interface TokenPage {
  tokens: UserToken[];
  hasNextPage: boolean;
  totalCount: number;
}

/** What the owner of a token may change. Undefined leaves a value unchanged. */
export interface TokenChanges {
  note?: string | null;
  enabled?: boolean;
  expirationTime?: Date;
}

/** Raises a token's version by one. */
export interface Rotation {
  userId: string;
  key: string;
  fromVersion: number;
  /** Until when the JWT of the previous version is still accepted. */
  previousVersionUntil: Date;
}

/**
 * The storage of tokens. Every method that writes is one transaction. A method for a request of the owner takes the owner's
 * id, and changes no token of another owner and no token that has ended.
 */
export interface TokenStore {
  /** The tokens with these keys, in one query that starts after the call. Unknown keys are left out. */
  findRecords(keys: readonly string[]): Promise<Map<string, TokenRecord>>;
  /** Newest first. Live tokens only, unless `includeEnded`. */
  page(query: TokenPageQuery): Promise<TokenPage>;
  /**
   * Adds a token on the request of the token `madeBy`. False, and nothing is added, when `madeBy` is no longer live and
   * enabled: a creation under way must not survive the revocation of all tokens. Also false when the owner already has
   * `maxLive` live tokens.
   */
  addPersonal(token: UserToken, madeBy: string, maxLive: number): Promise<boolean>;
  /** Returns the token after the change; null when there is no such live token, or the token `by` has ended. */
  update(
    target: { userId: string; key: string; by: string },
    changes: TokenChanges,
    now: Date,
  ): Promise<UserToken | null>;
  /** Compare and swap: raises `version` only if it is still `fromVersion`. False when another request was first. */
  rotate(rotation: Rotation, now: Date): Promise<boolean>;
  /** Returns the token; `changed` is false when it was already revoked. Null when there is no such token. */
  revoke(userId: string, key: string, now: Date): Promise<{ token: UserToken; changed: boolean } | null>;
  /** Revokes every live token of the user except `keep`. Returns how many. */
  revokeAll(userId: string, keep: string | null, now: Date): Promise<number>;
  /** Moves `lastUsageTime` of these tokens forward to `at`. */
  touch(keys: readonly string[], at: Date): Promise<void>;
  /** Deletes at most `limit` tokens that ended before `before`. Returns how many. */
  sweep(before: Date, limit: number): Promise<number>;
}

/**
 * A JWT for this row, of this owner, at its present version.
 * @throws SERVICE_UNAVAILABLE when its key cannot be kept for as long.
 */
export type SignToken = (token: UserToken, owner: User) => Promise<string>;

/** A token row with the JWT that presents it: the only moment at which it can be read. */
export interface IssuedToken {
  token: string;
  userToken: UserToken;
}

/** What the functions of this folder work with. */
export interface TokenDeps {
  store: TokenStore;
  sign: SignToken;
  clock: Clock;
  audit: Audit;
  /** How client fingerprints are kept. */
  fingerprints: KeyedDigest;
  limits: { lifetimeMs: number | null; maxLivePerUser: number; rotationGraceMs: number };
}
