import { In, type EntityManager } from "typeorm";
import { Revocation } from "../entities/revocation.js";
import type { UserToken } from "../entities/user-token.js";
import { SETTLED_AFTER_MS, superseded } from "../revocation/superseded.js";
import { CHUNK, entryOf, type NewRevocation } from "./record-revocations.js";

/** More than a subject has where they are tidied; what is beyond is left to the sweep. */
const LATEST = 50;

/** What the next entry of a token, or of one kind of a user's, has to follow. */
interface EntryBounds {
  /** Later than every entry that there is. */
  time: Date;
  /** When the last JWT that any of them concerns expires; null for never. */
  longest: Date | null;
}

/**
 * Looks up what the next entry needs: a time after the last one's even if that came from a node whose clock is
 * ahead, and an end that is not before the last one's, since a JWT's own `exp` never moves, and the entry will
 * stand for the earlier ones. Those that say nothing any more are deleted on the way. To be called after
 * the row of the token, or of the user, was updated, so that the transactions of one take turns.
 *
 * @param expiries all that the row said and says.
 */
export async function nextEntryBounds(
  manager: EntityManager,
  of: Pick<Revocation, "subject"> & Partial<Pick<Revocation, "kind">>,
  expiries: readonly (Date | null)[],
  now: Date,
): Promise<EntryBounds> {
  const latest = await manager.find(Revocation, {
    where: of,
    order: { creationTime: "DESC" },
    take: LATEST,
  });
  const needless = superseded(latest, settledAt(now).getTime()).map(({ id }) => id);
  // One by one: a statement for all may scan where there are few, and wait for what others have not committed. In
  // the order in which the sweep locks what it deletes, so that the two cannot lock each other out.
  for (const id of needless.sort()) await manager.delete(Revocation, { id });
  const [last] = latest;
  return {
    time: timeAfter(last?.creationTime.getTime() ?? 0, now),
    longest: latestOf(last ? [...expiries, last.expirationTime] : expiries),
  };
}

/** What has passed by every clock at `now`. */
export const settledAt = (now: Date): Date => new Date(now.getTime() - SETTLED_AFTER_MS);

/**
 * The entries of tokens that ended for good, each for as long as the longest JWT that the token ever had. To
 * be called after their rows were updated.
 */
export async function revocationEntriesFor(
  manager: EntityManager,
  tokens: readonly Pick<UserToken, "key" | "expirationTime">[],
  now: Date,
): Promise<NewRevocation[]> {
  const ends = await endsOf(
    manager,
    tokens.map(({ key }) => key),
  );
  return tokens.map(({ key, expirationTime }) => {
    const { last, longest } = ends.get(key) ?? { last: 0, longest: expirationTime };
    return entryOf("token", key, timeAfter(last, now), latestOf([expirationTime, longest]));
  });
}

interface Ends {
  /** Milliseconds. */
  last: number;
  longest: Date | null;
}

/** Of the entries of many tokens, when the last was made and how long one of them lasts. */
async function endsOf(manager: EntityManager, keys: readonly string[]): Promise<Map<string, Ends>> {
  const ends = new Map<string, Ends>();
  for (let at = 0; at < keys.length; at += CHUNK) {
    const rows: { subject: string; last: number; longest: number | null; lasting: number }[] = await manager
      .createQueryBuilder(Revocation, "entry")
      .select("entry.subject", "subject")
      .addSelect("MAX(entry.creationTime)", "last")
      .addSelect("MAX(entry.expirationTime)", "longest")
      .addSelect("MAX(entry.expirationTime IS NULL)", "lasting")
      .where({ subject: In(keys.slice(at, at + CHUNK)) })
      .groupBy("entry.subject")
      .getRawMany();
    for (const { subject, last, longest, lasting } of rows) {
      const never = longest === null || lasting === 1;
      ends.set(subject, { last, longest: never ? null : new Date(longest) });
    }
  }
  return ends;
}

const timeAfter = (last: number, now: Date): Date => new Date(Math.max(now.getTime(), last + 1));

/** The latest of several ends; null, which is never, is the latest of all. */
export function latestOf(ends: readonly (Date | null)[]): Date | null {
  const times = ends.map((end) => end?.getTime() ?? Infinity);
  const latest = Math.max(...times);
  return Number.isFinite(latest) ? new Date(latest) : null;
}
