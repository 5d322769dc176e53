import { setTimeout as sleep } from "node:timers/promises";
import BetterSqlite3, { type Statement } from "better-sqlite3";
import type { DataSource, EntityManager } from "typeorm";
import { BUSY_TIMEOUT_MS } from "./data-source-options.js";
import { DeadlineError } from "./deadline.js";
import type { Session } from "./session.js";
import { watchSqlitePresence } from "./sqlite-files.js";
import { isBusy } from "./driver-errors.js";

/**
 * Milliseconds between two attempts to get the write lock. SQLite's own waiting would block the whole process, including
 * row checks and health checks.
 */
const LOCK_RETRY_MS = 10;
/** Milliseconds that a unit of work waits for its turn and for the lock of another process. */
const TURN_PATIENCE_MS = 2_000;
/** The same for the migrations of a start, during which other starting nodes ask for the lease again and again. */
const ALONE_PATIENCE_MS = 10_000;
const MAX_WAITING_TURNS = 100;

/**
 * The embedded database. TypeORM has a single connection here, so units of work take turns on it: two transactions must
 * never share it. The row check reads through a second, read-only connection. In WAL mode that one sees only committed
 * rows, and never waits for a writer.
 */
export async function sqliteSession(dataSource: DataSource, path: string): Promise<Session> {
  const presence = watchSqlitePresence(path);
  const takeTurn = createTurnstile();
  const { manager } = dataSource;
  await manager.query("PRAGMA busy_timeout = 0");
  const reader = new BetterSqlite3(path, { readonly: true, timeout: BUSY_TIMEOUT_MS });
  // The first read creates the files beside the database.
  reader.prepare("SELECT 1 FROM sqlite_master").get();
  presence.settle();
  const prepared = new Map<string, Statement>();
  const prepare = (sql: string) => {
    let statement = prepared.get(sql);
    if (!statement) prepared.set(sql, (statement = reader.prepare(sql)));
    return statement;
  };
  return {
    read: (work) =>
      takeTurn((deadline) => {
        presence.check();
        return retryWhileBusy(deadline, () => work(manager));
      }),
    transact: (work) =>
      takeTurn(async (deadline) => {
        presence.check();
        const result = await immediateTransaction(manager, deadline, work);
        // The file may have been deleted meanwhile: a commit into a file without a name must not be acknowledged.
        presence.check();
        return result;
      }),
    select: async (sql, values) => {
      presence.check();
      const statement = prepare(sql);
      // One look-up for each value is the fastest form here: all lists share one prepared statement.
      return values ? values.flatMap((value) => statement.all(value)) : statement.all();
    },
    alone: (work) =>
      takeTurn(() => {
        const runner = dataSource.createQueryRunner();
        return immediateTransaction(manager, AbortSignal.timeout(ALONE_PATIENCE_MS), () => work(runner));
      }),
    fault: presence.fault,
    close: async () => {
      // Closes even if the turn does not come in time: the process ends.
      await takeTurn(async () => undefined).catch(() => undefined);
      reader.close();
      await dataSource.destroy();
      presence.close();
    },
  };
}

/** IMMEDIATE takes the write lock at the start. Upgrading a read lock later fails at once if another process writes. */
async function immediateTransaction<T>(
  manager: EntityManager,
  deadline: AbortSignal,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  await retryWhileBusy(deadline, () => manager.query("BEGIN IMMEDIATE"));
  try {
    const result = await work(manager);
    await manager.query("COMMIT");
    return result;
  } catch (error) {
    // SQLite rolls back by itself when the disk is full, and ROLLBACK fails then. The first error is the useful one.
    await manager.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** Retries while another process holds the lock. */
async function retryWhileBusy<T>(deadline: AbortSignal, run: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isBusy(error) || deadline.aborted) throw error;
    }
    await sleep(LOCK_RETRY_MS);
  }
}

/**
 * Runs units of work one at a time, in order of arrival. The deadline of each starts when it arrives. So behind a lock that
 * is never released, a unit of work does not wait for the deadlines of all those before it.
 */
function createTurnstile() {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async <T>(work: (deadline: AbortSignal) => Promise<T>): Promise<T> => {
    if (waiting >= MAX_WAITING_TURNS) throw new DeadlineError("too many wait for the database");
    waiting++;
    const deadline = AbortSignal.timeout(TURN_PATIENCE_MS);
    const turn = last.then(() => {
      waiting--;
      if (deadline.aborted) throw new DeadlineError("the database was not free in time");
      return work(deadline);
    });
    last = turn.catch(() => undefined);
    return turn;
  };
}
