import { In, IsNull, LessThan, Not, type EntityManager } from "typeorm";
import { UserToken } from "../entities/user-token.js";
import type { Rotation, TokenChanges, TokenPage, TokenPageQuery, TokenStore } from "../tokens/token-store.js";
import type { Database } from "./database.js";
import { nextEntryBounds, settledAt, revocationEntriesFor } from "./entry-bounds.js";
import { entryOf, recordRevocations } from "./record-revocations.js";
import { selectTokenRecords } from "./select-token-records.js";
import { liveAt, lockUser } from "./token-conditions.js";

/**
 * Tokens in the database. Whatever ends one is written into the revocation feed by the same transaction.
 *
 * @param announce told of every such transaction once it is committed.
 */
export function createTokenStore(database: Database, announce: () => void): TokenStore {
  const { read, transact } = database;
  /** A transaction that may end something. */
  const end = async <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> => {
    const result = await transact(work);
    announce();
    return result;
  };
  return {
    findRecords: (keys) => selectTokenRecords(database, keys),
    page: (query) => read((manager) => selectPage(manager, query)),
    addPersonal: (token, madeBy, maxLive) =>
      transact((manager) => addPersonal(manager, token, madeBy, maxLive)),
    update: (target, changes, now) => end((manager) => update(manager, target, changes, now)),
    rotate: (rotation, now) => end((manager) => rotate(manager, rotation, now)),
    revoke: (userId, key, now) => end((manager) => revoke(manager, userId, key, now)),
    revokeAll: (userId, keep, now) => end((manager) => revokeAll(manager, userId, keep, now)),
    touch: (keys, at) =>
      transact(async (manager) => {
        const older = [{ lastUsageTime: IsNull() }, { lastUsageTime: LessThan(at) }];
        const where = older.map((condition) => ({ ...condition, key: In([...keys]) }));
        await manager
          .createQueryBuilder()
          .update(UserToken)
          .set({ lastUsageTime: at })
          .where(where)
          .execute();
      }),
    sweep: (before, limit) => transact((manager) => sweep(manager, before, limit)),
  };
}

async function selectPage(manager: EntityManager, query: TokenPageQuery): Promise<TokenPage> {
  const { userId, now, first, after, includeEnded } = query;
  // Made anew for each query: TypeORM writes the column's form of a value into the condition itself.
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

/** Whether the token that a request came with is still good for what the request is about to do. */
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
    // It was revoked since it was read: to say of a dead token when it ends could outlive the word that it is dead.
    if (affected !== 1) return null;
    await recordChanges(manager, before, changes, now);
  }
  return manager.findOneBy(UserToken, { userId, key, revocationTime: IsNull() });
}

/** What an owner's change means to those who verify by themselves; a change to what was already so means nothing. */
async function recordChanges(
  manager: EntityManager,
  before: UserToken,
  { enabled = before.enabled, expirationTime }: TokenChanges,
  now: Date,
): Promise<void> {
  const { key } = before;
  const moved = expirationTime?.getTime() !== before.expirationTime?.getTime();
  const instant = moved ? expirationTime : undefined;
  const switched = enabled !== before.enabled;
  if (!instant && !switched) return;
  const expiries = [before.expirationTime, instant ?? before.expirationTime];
  const { time, longest } = await nextEntryBounds(manager, { subject: key }, expiries, now);
  await recordRevocations(manager, [
    ...(instant ? [entryOf("expiry", key, time, longest, { instant })] : []),
    ...(switched ? [entryOf(enabled ? "enabled" : "disabled", key, time, longest)] : []),
  ]);
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
  const { time, longest } = await nextEntryBounds(manager, { subject: key }, [before.expirationTime], now);
  const atOnce = settledAt(now);
  const inGrace = before.previousVersionUntil !== null && before.previousVersionUntil > atOnce;
  await recordRevocations(manager, [
    // The grace is for one version: that of the version before the last is over now, by every clock. So these
    // two say all that there is to say of versions, and however fast a token is rotated, no more are kept.
    ...(inGrace ? [entryOf("version", key, time, longest, { version: fromVersion, instant: atOnce })] : []),
    entryOf("version", key, time, longest, { version, instant: previousVersionUntil }),
  ]);
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
  if (token && changed) await recordRevocations(manager, await revocationEntriesFor(manager, [token], now));
  return token && { token, changed };
}

async function revokeAll(
  manager: EntityManager,
  userId: string,
  keep: string | null,
  now: Date,
): Promise<number> {
  await lockUser(manager, userId);
  // Made anew for each query: TypeORM writes the column's form of a value into the condition itself.
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
  // Each by itself, and not by their time of issue: the owner may log in again within the same second.
  await recordRevocations(manager, await revocationEntriesFor(manager, ended, now));
  return result.affected ?? 0;
}

async function sweep(manager: EntityManager, before: Date, limit: number): Promise<number> {
  const ended = await manager.find(UserToken, {
    select: { key: true },
    where: [{ revocationTime: LessThan(before) }, { expirationTime: LessThan(before) }],
    take: limit,
  });
  if (ended.length === 0) return 0;
  const result = await manager.delete(UserToken, { key: In(ended.map(({ key }) => key)) });
  return result.affected ?? 0;
}
