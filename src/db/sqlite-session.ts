import BetterSqlite3 from "better-sqlite3";
import type { Statement } from "better-sqlite3";
import type { DataSource, EntityManager } from "typeorm";
import type { Session } from "./database.js";

/**
 * The embedded database. TypeORM has a single connection here, so units of
 * work take turns on it: a transaction must never share it with a stranger.
 * The row check reads through a second, read-only connection, which in WAL mode
 * sees committed rows only and never waits for a writer.
 */
export function sqliteSession(dataSource: DataSource, path: string): Session {
  const takeTurn = createTurnstile();
  const reader = new BetterSqlite3(path, { readonly: true, timeout: 5_000 });
  const prepared = new Map<string, Statement>();
  const prepare = (sql: string) => {
    let statement = prepared.get(sql);
    if (!statement) prepared.set(sql, (statement = reader.prepare(sql)));
    return statement;
  };
  return {
    read: (work) => takeTurn(() => work(dataSource.manager)),
    transact: (work) => takeTurn(() => immediateTransaction(dataSource.manager, work)),
    select: async (sql, values) => {
      // One prepared look-up a key is the fastest form here: no statement a list length.
      if (values.length === 0) return prepare(sql("")).all();
      const statement = prepare(sql("?"));
      return values.flatMap((value) => statement.all(value));
    },
    close: async () => {
      await takeTurn(async () => {
        reader.close();
        await dataSource.destroy();
      });
    },
  };
}

/** IMMEDIATE takes the write lock first: a later upgrade could fail at once when another process writes. */
async function immediateTransaction<T>(
  manager: EntityManager,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  await manager.query("BEGIN IMMEDIATE");
  try {
    const result = await work(manager);
    await manager.query("COMMIT");
    return result;
  } catch (error) {
    // A full disk rolls back by itself; the first error is the one worth telling.
    await manager.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** One at a time, in order of arrival. */
function createTurnstile() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
