import { In, IsNull, LessThan, type EntityManager } from "typeorm";
import type { Client } from "../entities/client.js";
import type { UserToken } from "../entities/user-token.js";

/**
 * Moves `lastUsageTime` of these rows forward to `at`. A later value stays: another node may have written it.
 *
 * @param id the column of the primary key.
 */
export async function touchLastUsage(
  manager: EntityManager,
  [entity, id]: [typeof UserToken, "key"] | [typeof Client, "id"],
  ids: readonly string[],
  at: Date,
): Promise<void> {
  const older = [{ lastUsageTime: IsNull() }, { lastUsageTime: LessThan(at) }];
  const where = older.map((condition) => ({ ...condition, [id]: In([...ids]) }));
  await manager.createQueryBuilder().update(entity).set({ lastUsageTime: at }).where(where).execute();
}
