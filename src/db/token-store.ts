import { In, IsNull, LessThan, Not, type EntityManager } from "typeorm";
import { User } from "../entities/user.js";
import { UserToken } from "../entities/user-token.js";
import { entriesFor } from "../revocation/entries-for.js";
import type { Rotation, TokenChanges, TokenPage, TokenPageQuery, TokenStore } from "../tokens/token-store.js";
import type { Database } from "./database.js";
import { entityRows } from "./entity-rows.js";
import { recordRevocations } from "./record-revocations.js";
import { liveAt, lockUser } from "./token-conditions.js";
import { touchLastUsage } from "./touch-last-usage.js";

/**
 * Tokens in the database. A transaction that ends a token also writes its entries of the revocation feed.
 *
 * @param announce called after each such transaction has committed.
 */
export function createTokenStore(database: Database, announce: () => void): TokenStore {
  const { read, transact } = database;
  /** A transaction that may write entries of the feed. */
  const end = async <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> => {
    const result = await transact(work);
    announce();
    return result;
  };
  return {
    findRecords: createRecordSearch(database),
    page: (query) => read((manager) => selectPage(manager, query)),
    addPersonal: (token, madeBy, maxLive) =>
      transact((manager) => addPersonal(manager, token, madeBy, maxLive)),
    update: (target, changes, now) => end((manager) => update(manager, target, changes, now)),
    rotate: (rotation, now) => end((manager) => rotate(manager, rotation, now)),
    revoke: (userId, key, now) => end((manager) => revoke(manager, userId, key, now)),
    revokeAll: (userId, keep, now) => end((manager) => revokeAll(manager, userId, keep, now)),
    touch: (keys, at) => transact((manager) => touchLastUsage(manager, [UserToken, "key"], keys, at)),
    sweep: (before, limit) => transact((manager) => deleteEnded(manager, before, limit)),
  };
}

/** The one query of the row check: tokens with their owners. */
function createRecordSearch(database: Database): TokenStore["findRecords"] {
  const tokens = entityRows(database, UserToken);
  const users = entityRows(database, User);
  const sql = `
    SELECT ${tokens.columns}, ${users.columns}
    FROM user_token JOIN \`user\` ON \`user\`.id = user_token.userId
    WHERE user_token.\`key\` IN (?)`;
  return async (keys) => {
    const rows = await database.select(sql, keys);
    const records = rows.map((row) => ({ token: tokens.read(row), user: users.read(row) }));
    return new Map(records.map((record) => [record.token.key, record]));
  };
}

async function selectPage(manager: EntityManager, query: TokenPageQuery): Promise<TokenPage> {
  const { userId, now, first, after, includeEnded } = query;
  // A new object for each query: TypeORM replaces values in the condition by their stored form.
  const where = () => (includeEnded ? [{ userId }] : liveAt(userId, now));
  const page = manager.createQueryBuilder(UserToken, "token").where(where());
  if (after) {
    const cursor = { time: after.creationTime.getTime(), key: after.key };
    page.andWhere(
      "(token.creationTime < :time OR (token.creationTime = :time AND token.key < :key))",
      cursor,
    );
  }
  const found = await page
    .orderBy("token.creationTime", "DESC")
    .addOrderBy("token.key", "DESC")
    .limit(first + 1)
    .getMany();
  return {
    tokens: found.slice(0, first),
    hasNextPage: found.length > first,
    totalCount: await manager.countBy(UserToken, where()),
  };
}

async function addPersonal(
  manager: EntityManager,
  token: UserToken,
  madeBy: string,
  maxLive: number,
): Promise<boolean> {
  const { userId, creationTime } = token;
  if (!(await lockUser(manager, userId))) return false;
  if (!(await isUsable(manager, userId, madeBy, creationTime))) return false;
  if ((await manager.countBy(UserToken, liveAt(userId, creationTime))) >= maxLive) return false;
  await manager.insert(UserToken, token);
  return true;
}

/** Whether the token that authenticated the request is still live and enabled. */
async function isUsable(manager: EntityManager, userId: string, key: string, now: Date): Promise<boolean> {
  const usable = liveAt(userId, now).map((condition) => ({ ...condition, key, enabled: true }));
  return (await manager.countBy(UserToken, usable)) > 0;
}

async function update(
  manager: EntityManager,
  { userId, key, by }: { userId: string; key: string; by: string },
  changes: TokenChanges,
  now: Date,
): Promise<UserToken | null> {
  if (!(await lockUser(manager, userId)) || !(await isUsable(manager, userId, by, now))) return null;
  const live = liveAt(userId, now).map((condition) => ({ ...condition, key }));
  const before = await manager.findOneBy(UserToken, live);
  if (!before) return null;
  if (Object.keys(changes).length > 0) {
    const { affected } = await manager.update(UserToken, { userId, key, revocationTime: IsNull() }, changes);
    // The token was revoked between the read and this update. An `expiry` entry must not follow: it could be kept longer
    // than the `token` entry, which says that the token was revoked.
    if (affected !== 1) return null;
    await recordRevocations(manager, entriesFor.tokenChanged(before, changes), now);
  }
  return manager.findOneBy(UserToken, { userId, key, revocationTime: IsNull() });
}

async function rotate(
  manager: EntityManager,
  { userId, key, fromVersion, previousVersionUntil }: Rotation,
  now: Date,
): Promise<boolean> {
  const version = fromVersion + 1;
  const same = liveAt(userId, now).map((live) => ({ ...live, key, version: fromVersion, enabled: true }));
  const before = await manager.findOneBy(UserToken, same);
  if (!before) return false;
  const swapped = { userId, key, version: fromVersion, enabled: true, revocationTime: IsNull() };
  const result = await manager.update(UserToken, swapped, { version, previousVersionUntil });
  if (result.affected !== 1) return false;
  await recordRevocations(manager, entriesFor.rotation(before, previousVersionUntil, now), now);
  return true;
}

async function revoke(
  manager: EntityManager,
  userId: string,
  key: string,
  now: Date,
): Promise<{ token: UserToken; changed: boolean } | null> {
  const unrevoked = { userId, key, revocationTime: IsNull() };
  const result = await manager.update(UserToken, unrevoked, { revocationTime: now });
  const token = await manager.findOneBy(UserToken, { userId, key });
  const changed = result.affected === 1;
  if (token && changed) await recordRevocations(manager, entriesFor.tokensEnded([token]), now);
  return token && { token, changed };
}

async function revokeAll(
  manager: EntityManager,
  userId: string,
  keep: string | null,
  now: Date,
): Promise<number> {
  await lockUser(manager, userId);
  // A new object for each query: TypeORM replaces values in the condition by their stored form.
  const where = () => liveAt(userId, now).map((live) => (keep === null ? live : { ...live, key: Not(keep) }));
  const ended = await manager.find(UserToken, {
    select: { key: true, expirationTime: true },
    where: where(),
  });
  const result = await manager
    .createQueryBuilder()
    .update(UserToken)
    .set({ revocationTime: now })
    .where(where())
    .execute();
  await recordRevocations(manager, entriesFor.tokensEnded(ended), now);
  return result.affected ?? 0;
}

async function deleteEnded(manager: EntityManager, before: Date, limit: number): Promise<number> {
  const ended = await manager.find(UserToken, {
    select: { key: true },
    where: [{ revocationTime: LessThan(before) }, { expirationTime: LessThan(before) }],
    take: limit,
  });
  if (ended.length === 0) return 0;
  const result = await manager.delete(UserToken, { key: In(ended.map(({ key }) => key)) });
  return result.affected ?? 0;
}
