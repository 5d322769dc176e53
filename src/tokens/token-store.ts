import type { User } from "../entities/user.js";
import type { UserToken } from "../entities/user-token.js";

/** A token and its owner as the database says at one moment: what the row check reads. */
export interface TokenRecord {
  token: UserToken;
  user: User;
}

/** Where a page of tokens starts: just after this one, newest first. */
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

/** What the owner may change of a token. Undefined leaves a value as it is. */
export interface TokenChanges {
  note?: string | null;
  enabled?: boolean;
  expirationTime?: Date;
}

/** One step of a token's version. */
export interface Rotation {
  userId: string;
  key: string;
  fromVersion: number;
  /** Until when the JWT of the version before is still accepted. */
  previousVersionUntil: Date;
}

/**
 * The storage that tokens need. Every method that writes is one transaction; what
 * an owner does to a token names the owner, and does nothing to a token that has ended.
 */
export interface TokenStore {
  /** The rows behind these keys, in one query that starts after the call. Unknown keys are left out. */
  findRecords(keys: readonly string[]): Promise<Map<string, TokenRecord>>;
  /** Newest first. Live tokens only, unless `includeEnded`. */
  page(query: TokenPageQuery): Promise<TokenPage>;
  /**
   * Adds a token that the token `madeBy` asks for. False, and nothing is added, when that one is no longer live and
   * enabled (a creation in flight must not outlive the revocation of all tokens), or when the owner holds `maxLive`.
   */
  addPersonal(token: UserToken, madeBy: string, maxLive: number): Promise<boolean>;
  /** Answers the row after the change; null when there is no such live token, or the token `by` has ended. */
  update(
    target: { userId: string; key: string; by: string },
    changes: TokenChanges,
    now: Date,
  ): Promise<UserToken | null>;
  /** Compare and swap: raises `version` if it is still `fromVersion`. False when another request was first. */
  rotate(rotation: Rotation, now: Date): Promise<boolean>;
  /** Answers the row as it stands; `changed` is false when it had been revoked before. Null: no such token. */
  revoke(userId: string, key: string, now: Date): Promise<{ token: UserToken; changed: boolean } | null>;
  /** Ends every live token of the user but `keep`; answers how many. */
  revokeAll(userId: string, keep: string | null, now: Date): Promise<number>;
  /** Moves `lastUsageTime` of these tokens forward to `at`. */
  touch(keys: readonly string[], at: Date): Promise<void>;
  /** Deletes at most `limit` rows that ended before `before`; answers how many. */
  sweep(before: Date, limit: number): Promise<number>;
}
