import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import { Revocation } from "../entities/revocation.js";

/** An entry of the feed that is about to be written. */
export type NewRevocation = Omit<Revocation, "id" | "position">;

/** Rows in one statement. */
export const CHUNK = 500;

/**
 * Writes entries of the revocation feed in the transaction that they tell of, without positions: those
 * would make revocations wait for one another.
 */
export async function recordRevocations(
  manager: EntityManager,
  entries: readonly NewRevocation[],
): Promise<void> {
  const rows = entries.map((entry, seq) => ({
    ...entry,
    // Entries of one instant are ordered by their ids: these stay in the order given.
    id: uuidv7({ msecs: entry.creationTime.getTime(), seq }),
    position: null,
  }));
  for (let at = 0; at < rows.length; at += CHUNK)
    await manager.insert(Revocation, rows.slice(at, at + CHUNK));
}

/** An entry of one of the kinds that speak of a token or a user; `about` is what the kind says besides. */
export function entryOf(
  kind: Revocation["kind"],
  subject: string,
  creationTime: Date,
  expirationTime: Date | null,
  about: { instant?: Date; version?: number } = {},
): NewRevocation {
  const { instant = null, version = null } = about;
  return { kind, subject, instant, version, creationTime, expirationTime };
}
