import type { Audit } from "../audit/audit.js";
import type { User } from "../entities/user.js";
import type { UserToken } from "../entities/user-token.js";
import type { KeyedDigest } from "../keys/keyed-digest.js";
import type { Clock } from "../lib/clock.js";
import type { TokenStore } from "./token-store.js";

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
