import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import { Revocation } from "../entities/revocation.js";
import type { UserToken } from "../entities/user-token.js";

/** An entry of the feed that is about to be written. */
export type NewRevocation = Omit<Revocation, "id" | "position">;

/** Rows in one statement. */
const CHUNK = 500;

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

/**
 * A token ended for good. Its row's expiry is enough: where a JWT of it lives longer, the owner brought the
 * expiry forward, and the entry that said so stays as long as that JWT.
 */
export function tokenEnded(token: Pick<UserToken, "key" | "expirationTime">, now: Date): NewRevocation {
  return entryOf("token", token.key, now, token.expirationTime);
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

/** What the next entry of a token has to follow. */
export interface EntryChain {
  /** Later than every entry that the token has. */
  time: Date;
  /** When the last JWT of the token expires, whatever its row says now; null for never. */
  longest: Date | null;
}

/**
 * Looks up what entries that take one another back (disabled and enabled, one expiry and the next) need:
 * a time after the last one's even if that came from a node whose clock is ahead, and an end that is not
 * before the last one's, since a JWT's own `exp` never moves. To be called after the token's row was
 * updated, so that the transactions of one token take turns.
 *
 * @param expiries all that the row said and says.
 */
export async function chainOf(
  manager: EntityManager,
  key: string,
  expiries: readonly (Date | null)[],
  now: Date,
): Promise<EntryChain> {
  const last = await manager.findOne(Revocation, {
    where: { subject: key },
    order: { creationTime: "DESC" },
  });
  return {
    time: new Date(Math.max(now.getTime(), (last?.creationTime.getTime() ?? 0) + 1)),
    longest: latestOf(last ? [...expiries, last.expirationTime] : expiries),
  };
}

/** The latest of several ends; null, which is never, is the latest of all. */
export function latestOf(ends: readonly (Date | null)[]): Date | null {
  const times = ends.map((end) => end?.getTime() ?? Infinity);
  const latest = Math.max(...times);
  return Number.isFinite(latest) ? new Date(latest) : null;
}
