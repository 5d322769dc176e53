import { IsNull, MoreThan, type EntityManager, type FindOptionsWhere } from "typeorm";
import { User } from "../entities/user.js";
import type { UserToken } from "../entities/user-token.js";

/** The user's tokens that are neither revoked nor expired. A disabled token is still live. */
export function liveAt(userId: string, now: Date): FindOptionsWhere<UserToken>[] {
  const unrevoked = { userId, revocationTime: IsNull() };
  return [
    { ...unrevoked, expirationTime: IsNull() },
    { ...unrevoked, expirationTime: MoreThan(now) },
  ];
}

/**
 * Makes the transactions of one account take turns. False when there is no such enabled account. An update that changes
 * nothing takes InnoDB's row lock, and unlike FOR UPDATE it works on SQLite too.
 */
export async function lockUser(manager: EntityManager, userId: string): Promise<boolean> {
  const locked = await manager.update(User, { id: userId, enabled: true }, { enabled: true });
  return locked.affected === 1;
}
