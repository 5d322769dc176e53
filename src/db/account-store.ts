import { In, IsNull, MoreThan, Not, type EntityManager } from "typeorm";
import type {
  AccountStore,
  Identifier,
  RoleChange,
  SignInRecord,
  UserWithPassword,
} from "../accounts/account-store.js";
import { UserIdentifier } from "../entities/user-identifier.js";
import { User } from "../entities/user.js";
import { UserToken } from "../entities/user-token.js";
import { entriesFor } from "../revocation/entries-for.js";
import { rolesValidFrom } from "../revocation/issued-after.js";
import type { Database } from "./database.js";
import { isDuplicate } from "./driver-errors.js";
import { recordRevocations } from "./record-revocations.js";
import { liveAt, lockUser } from "./token-conditions.js";

/** Ids in one statement. */
const MAX_IDS = 1_000;

/**
 * Accounts in the database. A transaction that ends tokens also writes its entries of the revocation feed.
 *
 * @param announce called after each such transaction has committed.
 */
export function createAccountStore(database: Database, announce: () => void): AccountStore {
  const { read, transact } = database;
  return {
    add: async (user, identifiers, token) => {
      try {
        await transact((manager) => insertAccount(manager, user, identifiers, token));
        return [];
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        const taken = await read((manager) => takenKinds(manager, identifiers));
        // No name is taken, but the insert failed. An empty list would mean success.
        if (taken.length === 0) throw error;
        return taken;
      }
    },
    findByIdentifier: (values) => read((manager) => findByIdentifier(manager, values)),
    findByIds: async (ids) => {
      const found = new Map<string, User>();
      // Many requests may share one call. Each part of the list has its own deadline, and other work gets its turn in between.
      for (let at = 0; at < ids.length; at += MAX_IDS) {
        const id = In(ids.slice(at, at + MAX_IDS));
        for (const user of await read((manager) => manager.findBy(User, { id }))) found.set(user.id, user);
      }
      return found;
    },
    signInAddresses: (values, since) => read((manager) => signInAddresses(manager, values, since)),
    signIn: async (record) => {
      const signedIn = await transact((manager) => writeSignIn(manager, record));
      if (signedIn && signedIn.ended.length > 0) announce();
      return signedIn;
    },
    bumpLogin: (userId, tokenKey, now) =>
      transact((manager) => moveLastLogin(manager, userId, tokenKey, now)),
    setRole: async (change) => {
      const found = await transact((manager) => setRole(manager, change));
      announce();
      return found;
    },
    setEnabled: async (id, enabled, now) => {
      const found = await transact((manager) => setEnabled(manager, id, enabled, now));
      announce();
      return found;
    },
  };
}

const changed = (result: { affected?: number | null }): boolean => result.affected === 1;

async function insertAccount(
  manager: EntityManager,
  user: User,
  identifiers: readonly Identifier[],
  token: UserToken | null,
): Promise<void> {
  await manager.insert(User, user);
  await manager.insert(
    UserIdentifier,
    identifiers.map((identifier) => ({ ...identifier, userId: user.id })),
  );
  if (token) await manager.insert(UserToken, token);
}

async function takenKinds(manager: EntityManager, identifiers: readonly Identifier[]) {
  const values = identifiers.map(({ value }) => value);
  const rows = await manager.findBy(UserIdentifier, { value: In(values) });
  const taken = new Set(rows.map(({ value }) => value));
  return identifiers.filter(({ value }) => taken.has(value)).map(({ kind }) => kind);
}

/** One statement, whether or not the account exists. */
async function findByIdentifier(
  manager: EntityManager,
  values: readonly string[],
): Promise<UserWithPassword | null> {
  const user = await manager
    .createQueryBuilder(User, "user")
    .addSelect("user.passwordHash")
    .innerJoin(UserIdentifier, "identifier", "identifier.userId = user.id")
    .where("identifier.value IN (:...values)", { values })
    .orderBy("CASE WHEN identifier.value = :first THEN 0 ELSE 1 END", "ASC")
    .setParameter("first", values[0])
    .limit(1)
    .getOne();
  return user as UserWithPassword | null;
}

/** One statement, whether or not the account exists: its time must not reveal that. */
async function signInAddresses(
  manager: EntityManager,
  values: readonly string[],
  since: Date,
): Promise<string[]> {
  const rows: { ip: string }[] = await manager
    .createQueryBuilder(UserToken, "token")
    .select("token.ip", "ip")
    .innerJoin(UserIdentifier, "identifier", "identifier.userId = token.userId")
    .where("identifier.value IN (:...values)", { values })
    .andWhere({ origin: "login", ip: Not(IsNull()), creationTime: MoreThan(since) })
    .orderBy("token.creationTime", "DESC")
    .limit(100)
    .getRawMany();
  return rows.map(({ ip }) => ip);
}

async function writeSignIn(
  manager: EntityManager,
  record: SignInRecord,
): Promise<{ ended: string[] } | null> {
  const { token, maxLive, rehash, verifiedHash } = record;
  const { userId: id, creationTime: now } = token;
  // The update locks the account's row. So sign-ins of one account take turns, and the count below is exact.
  const unchanged = { id, enabled: true, passwordHash: verifiedHash };
  const updated = await manager.update(User, unchanged, {
    lastLoginTime: now,
    ...(rehash === null ? {} : { passwordHash: rehash }),
  });
  if (!changed(updated)) return null;
  const ended = await makeRoom(manager, id, maxLive, now);
  await manager.insert(UserToken, token);
  return { ended };
}

/** Revokes the login tokens that were used longest ago, until there is room for one more. Personal tokens stay. */
async function makeRoom(
  manager: EntityManager,
  userId: string,
  maxLive: number,
  now: Date,
): Promise<string[]> {
  const excess = (await manager.countBy(UserToken, liveAt(userId, now))) + 1 - maxLive;
  if (excess <= 0) return [];
  const oldest = await manager
    .createQueryBuilder(UserToken, "token")
    .select(["token.key", "token.expirationTime"])
    .where({ userId, origin: "login", revocationTime: IsNull() })
    .andWhere([{ expirationTime: IsNull() }, { expirationTime: MoreThan(now) }])
    .orderBy("COALESCE(token.lastUsageTime, token.creationTime)", "ASC")
    .limit(excess)
    .getMany();
  if (oldest.length === 0) return [];
  const ended = oldest.map(({ key }) => key);
  await manager.update(UserToken, { key: In(ended) }, { revocationTime: now });
  await recordRevocations(manager, entriesFor.tokensEnded(oldest), now);
  return ended;
}

async function moveLastLogin(
  manager: EntityManager,
  userId: string,
  tokenKey: string,
  now: Date,
): Promise<boolean> {
  if (!(await lockUser(manager, userId))) return false;
  const live = await manager.countBy(
    UserToken,
    liveAt(userId, now).map((condition) => ({ ...condition, key: tokenKey, enabled: true })),
  );
  if (live === 0) return false;
  return changed(await manager.update(User, { id: userId }, { lastLoginTime: now }));
}

async function setRole(manager: EntityManager, change: RoleChange): Promise<boolean> {
  const { userId: id, role, now, privilegeLifetimeMs } = change;
  const differs = changed(await manager.update(User, { id, role: Not(role) }, { role }));
  const user = await manager.findOneBy(User, { id });
  if (!differs || !user) return user !== null;
  const privilegesValidFrom = rolesValidFrom(user.privilegesValidFrom, now);
  await manager.update(User, { id }, { privilegesValidFrom });
  const entries = entriesFor.roleChanged({ id, privilegesValidFrom }, privilegeLifetimeMs);
  await recordRevocations(manager, entries, now);
  return true;
}

async function setEnabled(manager: EntityManager, id: string, enabled: boolean, now: Date): Promise<boolean> {
  // Update the account first: this waits for a sign-in that is under way, so that its token is ended as well.
  const ends = enabled ? {} : { tokensValidFrom: now };
  const found = changed(await manager.update(User, { id }, { enabled, ...ends }));
  if (!enabled) await endAllTokens(manager, id, now);
  return found;
}

async function endAllTokens(manager: EntityManager, userId: string, now: Date): Promise<void> {
  const live = await manager.find(UserToken, {
    select: { key: true, expirationTime: true },
    where: liveAt(userId, now),
  });
  await manager.update(UserToken, { userId, revocationTime: IsNull() }, { revocationTime: now });
  await recordRevocations(manager, entriesFor.accountDisabled(userId, live, now), now);
}
