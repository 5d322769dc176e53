import type { AccountDeps } from "../../../src/accounts/account-store.js";
import { changeRole } from "../../../src/accounts/change-role.js";
import { createAccountStore } from "../../../src/db/account-store.js";
import type { Database } from "../../../src/db/database.js";
import { createRevocationStore } from "../../../src/db/revocation-store.js";
import { createTokenStore } from "../../../src/db/token-store.js";
import type { Role } from "../../../src/entities/role.js";
import { UserToken } from "../../../src/entities/user-token.js";
import type { FeedEntry } from "../../../packages/wire/src/feed-entry.js";
import { feedEntry } from "../../../src/revocation/feed-entry.js";
import { issuedAfter } from "../../../src/revocation/issued-after.js";
import { assertTokenUsable } from "../../../src/tokens/assert-token-usable.js";
import { newToken } from "../../../src/tokens/new-token.js";
import type { TokenChanges } from "../../../src/tokens/token-store.js";
import type { ModelJwt } from "./verifier-model.js";

export const SECOND = 1_000;
export const DAY = 86_400 * SECOND;
const PRIVILEGE_LIFETIME = 300 * SECOND;

/** A JWT that was issued, with the role that it says if it is a privilege token. */
export interface IssuedJwt extends ModelJwt {
  role: Role | null;
}

const ADD_USER =
  "INSERT INTO `user` (id, username, passwordHash, locale, role, enabled, creationTime) VALUES (?, ?, '-', 'en', 'user', 1, 0)";
const silent = () => undefined;
const seconds = (milliseconds: number) => Math.floor(milliseconds / SECOND);

/** One account with its tokens in a database, its own clock, and every JWT that was ever issued to it. */
export async function createModel(opened: Database, id: string, start: number) {
  const accounts = createAccountStore(opened, silent);
  const tokens = createTokenStore(opened, silent);
  const feed = createRevocationStore(opened);
  const jwts: IssuedJwt[] = [];
  const keys: string[] = [];
  const time = { now: start };
  await opened.transact((manager) => manager.query(ADD_USER, [id, id]));

  const now = () => new Date(time.now);
  const record = async (key: string) => (await tokens.findRecords([key])).get(key)!;

  /** Whether the gateway itself accepts it. */
  async function accepts({ sub, sid, ver, exp }: ModelJwt, at = time.now): Promise<boolean> {
    if (exp !== null && exp * SECOND <= at) return false;
    try {
      assertTokenUsable({ sub, sid, ver }, await record(sid), at);
      return true;
    } catch {
      return false;
    }
  }

  const stands = (sid: string) => accepts({ kind: "privilege", sub: id, sid, ver: null, iat: 0, exp: null });

  /** Issues what the gateway would for a token that stands; on a node whose clock is ahead by `skew`. */
  async function issue(sid: string, skew = 0): Promise<void> {
    const { token, user } = await record(sid);
    const end = token.expirationTime?.getTime() ?? Infinity;
    const iat = seconds(issuedAfter(time.now + skew, user.tokensValidFrom));
    const exp = Number.isFinite(end) ? seconds(end) : null;
    jwts.push({ kind: "user", sub: id, sid, ver: token.version, iat, exp, role: null });
    jwts.push({
      kind: "privilege",
      sub: id,
      sid,
      ver: null,
      iat: seconds(issuedAfter(time.now, user.tokensValidFrom, user.privilegesValidFrom)),
      exp: seconds(Math.min(end, time.now + PRIVILEGE_LIFETIME)),
      role: user.role,
    });
  }

  async function change(key: string, changes: TokenChanges): Promise<void> {
    // The caller's own token; any that stands will do.
    for (const by of keys) {
      if (await tokens.update({ userId: id, key, by }, changes, now())) return;
    }
  }

  return {
    time,
    jwts,
    keys,
    accepts,
    record,
    feed,
    /** All entries that are kept so far, in their order. */
    entries: async (): Promise<FeedEntry[]> => {
      while (!(await feed.sequence()));
      return (await feed.read(0)).entries.map(feedEntry);
    },
    login: async (lifetime: number | null, skew = 0): Promise<string> => {
      const expirationTime = lifetime === null ? null : new Date(time.now + lifetime);
      const values = { userId: id, origin: "personal" as const, scopes: [], expirationTime };
      const token = newToken(values, { ip: null, userAgent: null }, now());
      await opened.transact((manager) => manager.insert(UserToken, token));
      keys.push(token.key);
      await issue(token.key, skew);
      return token.key;
    },
    use: async (key: string, skew = 0) => {
      if (await stands(key)) await issue(key, skew);
    },
    rotate: async (key: string, grace: number) => {
      const { token } = await record(key);
      const previousVersionUntil = new Date(time.now + grace);
      const rotation = { userId: id, key, fromVersion: token.version, previousVersionUntil };
      if (await tokens.rotate(rotation, now())) await issue(key);
    },
    enable: (key: string, enabled: boolean) => change(key, { enabled }),
    expireIn: (key: string, lifetime: number) =>
      change(key, { expirationTime: new Date(time.now + lifetime) }),
    revoke: (key: string) => tokens.revoke(id, key, now()),
    revokeAll: (keep: string | null) => tokens.revokeAll(id, keep, now()),
    setEnabled: (enabled: boolean) => accounts.setEnabled(id, enabled, now()),
    setRole: (role: Role) => {
      const limits = { privilegeLifetimeMs: PRIVILEGE_LIFETIME };
      const deps = { store: accounts, clock: () => time.now, audit: silent, limits };
      return changeRole(deps as unknown as AccountDeps, id, role, "a test");
    },
  };
}

export type RevocationModel = Awaited<ReturnType<typeof createModel>>;
