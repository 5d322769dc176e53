import { In, IsNull, LessThan, Not } from "typeorm";
import type { EntityManager } from "typeorm";
import { UserToken } from "../entities/user-token.js";
import type { TokenChanges, TokenPage, TokenStore } from "../tokens/token-store.js";
import type { Database } from "./database.js";
import { selectStandings } from "./select-standings.js";
import { liveAt, lockUser } from "./token-conditions.js";

/** Tokens in the database. */
export function createTokenStore(database: Database): TokenStore {
  const { read, transact } = database;
  return {
    standings: (keys) => selectStandings(database, keys),
    page: (query) => read((manager) => selectPage(manager, query)),
    addPersonal: (token, madeBy, maxLive) =>
      transact((manager) => addPersonal(manager, token, madeBy, maxLive)),
    update: (target, changes, now) => transact((manager) => update(manager, target, changes, now)),
    rotate: ({ userId, key, fromVersion, previousVersionUntil }, now) =>
      transact(async (manager) => {
        const same = liveAt(userId, now).map((condition) => ({
          ...condition,
          key,
          version: fromVersion,
          enabled: true,
        }));
        if ((await manager.countBy(UserToken, same)) === 0) return false;
        const next = { version: fromVersion + 1, previousVersionUntil };
        const swapped = { userId, key, version: fromVersion, enabled: true, revocationTime: IsNull() };
        return (await manager.update(UserToken, swapped, next)).affected === 1;
      }),
    revoke: (userId, key, now) =>
      transact(async (manager) => {
        const unrevoked = { userId, key, revocationTime: IsNull() };
        const result = await manager.update(UserToken, unrevoked, { revocationTime: now });
        const token = await manager.findOneBy(UserToken, { userId, key });
        return token && { token, changed: result.affected === 1 };
      }),
    revokeAll: (userId, keep, now) => transact((manager) => revokeAll(manager, userId, keep, now)),
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

async function selectPage(
  manager: EntityManager,
  query: Parameters<TokenStore["page"]>[0],
): Promise<TokenPage> {
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
  if ((await manager.countBy(UserToken, live)) === 0) return null;
  if (Object.keys(changes).length > 0) {
    await manager.update(UserToken, { userId, key, revocationTime: IsNull() }, changes);
  }
  return manager.findOneBy(UserToken, { userId, key, revocationTime: IsNull() });
}

async function revokeAll(
  manager: EntityManager,
  userId: string,
  keep: string | null,
  now: Date,
): Promise<number> {
  await lockUser(manager, userId);
  const ended = liveAt(userId, now).map((condition) =>
    keep === null ? condition : { ...condition, key: Not(keep) },
  );
  const result = await manager
    .createQueryBuilder()
    .update(UserToken)
    .set({ revocationTime: now })
    .where(ended)
    .execute();
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
