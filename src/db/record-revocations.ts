import { In, type EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import { Revocation } from "../entities/revocation.js";
import {
  completeEntries,
  earlierThan,
  type EarlierEntries,
  type EntryDraft,
} from "../revocation/complete-entries.js";
import { settledAt, superseded } from "../revocation/superseded.js";

/** Rows in one statement. */
const MAX_ROWS = 500;

/** Earlier entries that are read for one new entry. A tidied subject has fewer. The sweep tidies a subject that has more. */
const MAX_EARLIER = 50;

/**
 * Writes what followers of the feed hear of a change, in the transaction of that change. Entries are written without
 * positions: otherwise revocations would wait for one another.
 *
 * Call it after the row of the token or the account was updated: that row's lock makes the transactions of one subject
 * take turns, so that no other entry of the subject is written between the look-up and the insert.
 */
export async function recordRevocations(
  manager: EntityManager,
  drafts: readonly EntryDraft[],
  now: Date,
): Promise<void> {
  const entries = completeEntries(drafts, await findEarlier(manager, drafts, now), now);
  const rows = entries.map((entry, seq) => ({
    ...entry,
    // The id orders entries of the same instant: it keeps them in the given order.
    id: uuidv7({ msecs: entry.creationTime.getTime(), seq }),
    position: null,
  }));
  for (let at = 0; at < rows.length; at += MAX_ROWS)
    await manager.insert(Revocation, rows.slice(at, at + MAX_ROWS));
}

/** Ended tokens are looked up together, since one change may end thousands. Every other kind concerns one subject. */
async function findEarlier(
  manager: EntityManager,
  drafts: readonly EntryDraft[],
  now: Date,
): Promise<Map<string, EarlierEntries>> {
  const ended = drafts.filter(({ kind }) => kind === "token");
  const earlier = await summarise(
    manager,
    ended.map(({ subject }) => subject),
  );
  for (const draft of drafts) {
    if (draft.kind === "token" || earlier.has(draft.subject)) continue;
    const last = await tidyEarlier(manager, draft, now);
    if (last) earlier.set(draft.subject, last);
  }
  return earlier;
}

/** Looks up the earlier entries of many tokens. What they superseded is left to the sweep. */
async function summarise(
  manager: EntityManager,
  subjects: readonly string[],
): Promise<Map<string, EarlierEntries>> {
  const earlier = new Map<string, EarlierEntries>();
  for (let at = 0; at < subjects.length; at += MAX_ROWS) {
    const rows: { subject: string; lastTime: number; longest: number | null; lasting: number }[] =
      await manager
        .createQueryBuilder(Revocation, "entry")
        .select("entry.subject", "subject")
        .addSelect("MAX(entry.creationTime)", "lastTime")
        .addSelect("MAX(entry.expirationTime)", "longest")
        .addSelect("MAX(entry.expirationTime IS NULL)", "lasting")
        .where({ subject: In(subjects.slice(at, at + MAX_ROWS)) })
        .groupBy("entry.subject")
        .getRawMany();
    for (const { subject, lastTime, longest, lasting } of rows) {
      const never = longest === null || lasting === 1;
      earlier.set(subject, { lastTime, expirationTime: never ? null : new Date(longest) });
    }
  }
  return earlier;
}

/** Returns the newest entry before a draft, and deletes those that others have superseded. */
async function tidyEarlier(
  manager: EntityManager,
  draft: EntryDraft,
  now: Date,
): Promise<EarlierEntries | undefined> {
  const latest = await manager.find(Revocation, {
    where: earlierThan(draft),
    order: { creationTime: "DESC" },
    take: MAX_EARLIER,
  });
  const ids = superseded(latest, settledAt(now).getTime()).map(({ id }) => id);
  // One statement an entry: for a list, the server may scan a small table, and wait for rows that are not committed yet.
  // Sorted, because the sweep locks the rows that it deletes in this order: so the two cannot deadlock.
  for (const id of ids.sort()) await manager.delete(Revocation, { id });
  const [last] = latest;
  return last && { lastTime: last.creationTime.getTime(), expirationTime: last.expirationTime };
}
