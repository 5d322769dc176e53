import { createPool, type Pool, type PoolConnection, type PoolOptions } from "mysql2";
import type { DataSource, EntityManager, QueryRunner } from "typeorm";
import { ROW_CHECK_MS, TRANSACTION_MS } from "../config/timing.js";
import type { Session } from "./session.js";
import { withDeadline } from "./deadline.js";
import type { IdleCheck } from "./connection-trust.js";
import { createConnections, type Connections, type ConnectionSource } from "./mysql-connections.js";

/** Milliseconds for the migrations of a start. A large table may take hours. */
const ALONE_DEADLINE_MS = 24 * 3_600_000;

/** Values in one look-up; longer lists are split. */
const MAX_VALUES = 256;

/** MySQL and MariaDB, alone or as a Galera cluster. */
export async function mysqlSession(
  dataSource: DataSource,
  checkPool: PoolOptions,
  idleCheck?: IdleCheck,
): Promise<Session> {
  const galera = await withDeadline(isGalera(dataSource), TRANSACTION_MS, () => undefined);
  const connections = createConnections(sessionSettings(galera), idleCheck);
  const pool = createPool(checkPool);
  const source = sourceOf(pool);
  const selectOnce = (statement: string, values: readonly string[]) =>
    connections.use(source, ROW_CHECK_MS, (connection) => selectPrepared(connection, statement, values));
  return {
    read: (work) => onRunner({ dataSource, connections }, (runner) => work(runner.manager)),
    transact: (work) => onRunner({ dataSource, connections }, (runner) => transaction(runner, work)),
    select: async (sql, values) => {
      if (!values) return selectOnce(sql, []);
      const rows = [];
      for (let at = 0; at < values.length; at += MAX_VALUES) {
        const list = padded(values.slice(at, at + MAX_VALUES));
        rows.push(...(await selectOnce(sql.replace("IN (?)", `IN (${marksFor(list)})`), list)));
      }
      return rows;
    },
    alone: (work) => onRunner({ dataSource, connections }, work, ALONE_DEADLINE_MS),
    fault: () => null,
    close: async () => {
      const ended = Promise.all([dataSource.destroy(), pool.promise().end()]);
      await withDeadline(ended, TRANSACTION_MS, connections.cutAll).catch(() => undefined);
    },
  };
}

async function isGalera(dataSource: DataSource): Promise<boolean> {
  const rows: { Value: string }[] = await dataSource.query("SHOW VARIABLES LIKE 'wsrep_on'");
  return rows[0]?.Value === "ON";
}

/**
 * Sets up a new connection, so that our statements do not depend on the server's defaults.
 *
 * - READ COMMITTED: a conditional update sees what other transactions have committed.
 * - Strict mode: a value that does not fit is refused, and never cut off silently.
 * - `autocommit` and `completion_type`: a read leaves no transaction open. An open one would block the next change of the
 *   schema for ever.
 * - `sql_safe_updates` and `sql_select_limit`: no statement is refused, and no result is cut short.
 * - `wsrep_sync_wait` on Galera: a read waits for the writes that any node has acknowledged. Otherwise a token that was
 *   revoked through one node would still be valid on another for a while.
 */
function sessionSettings(galera: boolean): (connection: PoolConnection) => Promise<void> {
  const statement = [
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'",
    "SESSION transaction_isolation = 'READ-COMMITTED'",
    "SESSION innodb_lock_wait_timeout = 1",
    "SESSION autocommit = 1",
    "SESSION completion_type = 'NO_CHAIN'",
    "SESSION foreign_key_checks = 1",
    "SESSION sql_safe_updates = 0",
    "SESSION sql_select_limit = 18446744073709551615",
    ...(galera ? ["SESSION wsrep_sync_wait = 1"] : []),
  ].join(", ");
  // MariaDB before 11.1 knows the isolation level by its older name only.
  const older = statement.replace("transaction_isolation", "tx_isolation");
  return async (connection) => {
    const query = (sql: string) => connection.promise().query(sql);
    await query(statement).catch(() => query(older));
  };
}

function onRunner<T>(
  { dataSource, connections }: { dataSource: DataSource; connections: Connections },
  work: (runner: QueryRunner) => Promise<T>,
  deadlineMs = TRANSACTION_MS,
): Promise<T> {
  let runner = dataSource.createQueryRunner();
  const source = {
    take: () => {
      // A runner keeps its first connection, so a new connection needs a new runner.
      runner = dataSource.createQueryRunner();
      return runner.connect() as Promise<PoolConnection>;
    },
    release: () => runner.release(),
  };
  return connections.use(source, deadlineMs, () => work(runner));
}

async function transaction<T>(runner: QueryRunner, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  await runner.startTransaction();
  try {
    const result = await work(runner.manager);
    await runner.commitTransaction();
    return result;
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

function sourceOf(pool: Pool): ConnectionSource {
  return {
    take: () =>
      new Promise((resolve, reject) => {
        pool.getConnection((error, free) => {
          if (error) reject(error);
          else resolve(free);
        });
      }),
    release: (taken) => {
      taken.release();
    },
  };
}

function selectPrepared(
  connection: PoolConnection,
  sql: string,
  values: readonly string[],
): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    connection.execute(sql, [...values], (error, rows) => {
      if (error) reject(error);
      else resolve(rows as unknown[]);
    });
  });
}

/** Fills a list up to a power of two, so that a connection holds nine prepared statements and not 256. */
function padded(values: readonly string[]): string[] {
  const size = 2 ** Math.ceil(Math.log2(values.length));
  const last = values[values.length - 1] ?? "";
  return [...values, ...Array.from({ length: size - values.length }, () => last)];
}

const marksFor = (values: readonly string[]): string => values.map(() => "?").join(",");
