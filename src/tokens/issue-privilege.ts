import { randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import { badInput } from "../errors/latchkey-error.js";
import type { KeyRing } from "../keys/key-ring.js";
import type { Clock } from "../lib/clock.js";
import { issuedAfter } from "../revocation/issued-after.js";
import { signPrivilegeJwt, type PrivilegeJwtContent } from "./jwt/sign-jwt.js";
import { effectiveScopes, privilegeLevelOf } from "./scopes.js";
import type { TokenRecord } from "./token-store.js";

export interface PrivilegeToken {
  privilege: string;
  expirationTime: Date;
}

/** Answers a privilege token for a valid user token. @throws BAD_USER_INPUT for an audience that is not listed. */
export type IssuePrivilege = (caller: TokenRecord, audience?: string | null) => PrivilegeToken;

/**
 * Makes privilege tokens: who calls, in which role, with which scopes, for one
 * audience. One is used again while more than half of its life is left,
 * nothing it says has changed and its key is known; it never outlives the token it was made from.
 */
export function createPrivilegeIssuer(deps: {
  keys: Pick<KeyRing, "current" | "publicKey">;
  issuer: string;
  clock: Clock;
  audiences: readonly [string, ...string[]];
  lifetimeMs: number;
  cacheSize?: number;
}): IssuePrivilege {
  const cache = new LRUCache<string, { kid: string; made: PrivilegeToken }>({
    max: deps.cacheSize ?? 10_000,
  });
  return ({ token, user }, asked) => {
    const audience = asked ?? deps.audiences[0];
    if (!deps.audiences.includes(audience)) {
      throw badInput({ path: ["audience"], code: "NOT_ALLOWED", message: "This audience is not listed." });
    }
    const now = deps.clock();
    const scopes = effectiveScopes(token.scopes, user.role);
    const { privilegesValidFrom, tokensValidFrom } = user;
    // A role that was taken and given back is the same name, and yet what was signed before is refused.
    const said = [user.role, privilegesValidFrom?.getTime(), user.username, scopes];
    const name = JSON.stringify([token.key, token.version, audience, ...said]);
    const kept = cache.get(name);
    // A JWT counts in whole seconds: what is said to the client must not be later.
    const latest = Math.min(now + deps.lifetimeMs, token.expirationTime?.getTime() ?? Infinity);
    const end = Math.floor(latest / 1_000) * 1_000;
    const keyIsKnown = kept !== undefined && deps.keys.publicKey(kept.kid) !== undefined;
    if (keyIsKnown && isFresh(kept.made, now, end, deps.lifetimeMs)) return kept.made;
    const key = deps.keys.current();
    const made = { privilege: signPrivilegeJwt(key, contentUntil(end)), expirationTime: new Date(end) };
    cache.set(name, { kid: key.kid, made });
    return made;

    function contentUntil(expiresAt: number): PrivilegeJwtContent {
      return {
        issuer: deps.issuer,
        audience,
        sub: user.id,
        sid: token.key,
        jti: randomUUID(),
        role: user.role,
        privilegeLevel: privilegeLevelOf(user.role),
        scopes,
        username: user.username,
        issuedAt: issuedAfter(now, privilegesValidFrom, tokensValidFrom),
        expiresAt,
      };
    }
  };
}

function isFresh(kept: PrivilegeToken, now: number, end: number, lifetimeMs: number): boolean {
  const expiry = kept.expirationTime.getTime();
  return expiry <= end && expiry - now > lifetimeMs / 2;
}
