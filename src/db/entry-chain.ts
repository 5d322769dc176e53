import { In } from "typeorm";
import type { EntityManager } from "typeorm";
import { Revocation } from "../entities/revocation.js";
import type { UserToken } from "../entities/user-token.js";
import { CHUNK, entryOf } from "./record-revocations.js";
import type { NewRevocation } from "./record-revocations.js";

/** What the next entry of a token, or of one kind of a user's, has to follow. */
export interface EntryChain {
  /** Later than every entry that there is. */
  time: Date;
  /** When the last JWT that any of them concerns expires; null for never. */
  longest: Date | null;
}

/**
 * Looks up what the next entry needs: a time after the last one's even if that came from a node whose clock is
 * ahead, and an end that is not before the last one's, since a JWT's own `exp` never moves. To be called after
 * the row of the token, or of the user, was updated, so that the transactions of one take turns.
 *
 * @param expiries all that the row said and says.
 */
export async function chainOf(
  manager: EntityManager,
  of: Pick<Revocation, "subject"> & Partial<Pick<Revocation, "kind">>,
  expiries: readonly (Date | null)[],
  now: Date,
): Promise<EntryChain> {
  const last = await manager.findOne(Revocation, { where: of, order: { creationTime: "DESC" } });
  return {
    time: timeAfter(last?.creationTime.getTime() ?? 0, now),
    longest: latestOf(last ? [...expiries, last.expirationTime] : expiries),
  };
}

/**
 * The entries of tokens that ended for good, each for as long as the longest JWT that the token ever had. To
 * be called after their rows were updated.
 */
export async function tokensEnded(
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
