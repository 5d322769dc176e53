import { MAX_BATCH_ENTRIES } from "#wire/feed-batch.js";
import { In, IsNull, LessThan, LessThanOrEqual, MoreThan, Not, type EntityManager } from "typeorm";
import { Revocation } from "../entities/revocation.js";
import type { StoredEntry } from "../revocation/feed-entry.js";
import type { FeedStore } from "../revocation/feed-store.js";
import { superseded } from "../revocation/superseded.js";
import type { Database } from "./database.js";
import { isDeadlock } from "./driver-errors.js";

/** Entries that get positions in one statement. */
const SEQUENCE_SIZE = 500;

/**
 * One statement reads a consistent state: the head and the rows up to it always agree, even if another host of a cluster
 * takes over between two reads.
 */
const SELECT_PAGE = `
  SELECT h.position AS head,
    EXISTS (SELECT 1 FROM revocation w WHERE w.position IS NULL) AS waiting,
    r.position, r.kind, r.subject, r.instant, r.version, r.expirationTime
  FROM revocation_head h
  LEFT JOIN (
    SELECT position, kind, subject, instant, version, expirationTime FROM revocation
    WHERE position > ? ORDER BY position LIMIT ${MAX_BATCH_ENTRIES}
  ) r ON 1 = 1
  WHERE h.id = 1 ORDER BY r.position`;

interface PageRow extends Omit<StoredEntry, "position"> {
  head: number;
  waiting: number;
  position: number | null;
}

/** The revocation feed in the database. */
export function createRevocationStore(database: Database): FeedStore {
  const { read, transact } = database;
  const onServer = database.dataSource.options.type === "mysql";
  const sequence = () => (onServer ? read(sequenceByStatement) : transact(sequenceByTransaction));
  let tidied = 0;
  return {
    read: async (after) => {
      const rows = (await database.select(SELECT_PAGE, [String(after)])) as PageRow[];
      const [first] = rows;
      if (!first) throw new Error("the revocation feed has no head");
      return { head: first.head, waiting: first.waiting === 1, entries: rows.flatMap(entryOfRow) };
    },
    sequence,
    sweep: async (before, limit) => {
      while (!(await sequence()));
      return transact((manager) => prune(manager, before, limit));
    },
    tidy: async (settled, limit) => {
      while (!(await sequence()));
      const { count, last, entries } = await read((manager) => nextSubjects(manager, tidied, limit));
      const old = superseded(entries, settled.getTime());
      for (let at = 0; at < old.length; at += limit)
        await transact((manager) => deleteAll(manager, old.slice(at, at + limit)));
      tidied = last;
      return count;
    },
  };
}

function entryOfRow({ head: _head, waiting: _waiting, position, ...rest }: PageRow): StoredEntry[] {
  return position === null ? [] : [{ position, ...rest }];
}

/**
 * For a server, where several nodes may give positions at the same time. It reads without a lock, then gives the positions
 * in one statement, which does nothing if the head has moved meanwhile. So positions have no gaps, and become visible in
 * their order.
 *
 * A transaction that locks the head would have the same effect. But a node that froze in the middle of it would stop the
 * feed of all other nodes.
 */
async function sequenceByStatement(manager: EntityManager): Promise<boolean> {
  const rows: { head: number; id: string }[] = await manager.query(
    `SELECT h.position AS head, w.id FROM revocation_head h JOIN revocation w ON w.position IS NULL
     WHERE h.id = 1 ORDER BY w.creationTime, w.id LIMIT ${SEQUENCE_SIZE}`,
  );
  const [first] = rows;
  if (!first) return true;
  const given = await givePositions(
    manager,
    first.head,
    rows.map(({ id }) => id),
  );
  return given && rows.length < SEQUENCE_SIZE;
}

/** False when another node has moved the head. By another index than PRIMARY it might wait for uncommitted entries. */
async function givePositions(manager: EntityManager, head: number, ids: readonly string[]): Promise<boolean> {
  const marks = ids.map(() => "?").join(",");
  try {
    const result: { affectedRows: number } = await manager.query(
      `UPDATE revocation_head h STRAIGHT_JOIN revocation r FORCE INDEX (PRIMARY)
         ON r.id IN (${marks}) AND r.position IS NULL
       SET r.position = ? + FIELD(r.id, ${marks}), h.position = ?
       WHERE h.id = 1 AND h.position = ?`,
      [...ids, head, ...ids, head + ids.length, head],
    );
    return result.affectedRows > 0;
  } catch (error) {
    // Galera reports it as a deadlock when the other node wrote through another server.
    if (isDeadlock(error)) return false;
    throw error;
  }
}

/** For SQLite, where only one transaction at a time can write. */
async function sequenceByTransaction(manager: EntityManager): Promise<boolean> {
  const rows: { id: string }[] = await manager.query(
    `SELECT id FROM revocation WHERE position IS NULL ORDER BY creationTime, id LIMIT ${SEQUENCE_SIZE}`,
  );
  const move = "UPDATE revocation_head SET position = position + 1 WHERE id = 1";
  const place = "UPDATE revocation SET position = (SELECT position FROM revocation_head) WHERE id = ?";
  for (const { id } of rows) {
    await manager.query(move);
    await manager.query(place, [id]);
  }
  return rows.length < SEQUENCE_SIZE;
}

async function prune(manager: EntityManager, before: Date, limit: number): Promise<number> {
  const expired = await manager.find(Revocation, {
    select: { id: true },
    where: { expirationTime: LessThan(before), position: Not(IsNull()) },
    take: limit,
  });
  return deleteAll(manager, expired);
}

/** Call it only with entries that have a position. Deleting one without would lock a row that the sequencing needs. */
async function deleteAll(manager: EntityManager, entries: readonly Revocation[]): Promise<number> {
  if (entries.length === 0) return 0;
  const result = await manager.delete(Revocation, { id: In(entries.map(({ id }) => id)) });
  return result.affected ?? 0;
}

/**
 * Returns all entries of the subjects of the next `limit` entries, up to the last of these. Later entries are looked at when
 * the tidying reaches them. One subject may have very many entries, but few remain of those that were tidied before.
 */
async function nextSubjects(
  manager: EntityManager,
  after: number,
  limit: number,
): Promise<{ count: number; last: number; entries: Revocation[] }> {
  const next = await manager.find(Revocation, {
    select: { id: true, position: true, subject: true },
    where: { position: MoreThan(after) },
    order: { position: "ASC" },
    take: limit,
  });
  const last = next.at(-1)?.position ?? after;
  const subject = In([...new Set(next.map((entry) => entry.subject))]);
  const entries =
    next.length > 0 ? await manager.findBy(Revocation, { subject, position: LessThanOrEqual(last) }) : [];
  return { count: next.length, last, entries };
}
