import { setTimeout as sleep } from "node:timers/promises";
import { DataSource } from "typeorm";
import type { DatabaseConfig } from "../config/config.js";
import { unavailable } from "../errors/latchkey-error.js";
import type { IdleCheck } from "./connection-trust.js";
import { checkPoolOptions, dataSourceOptions, dialerFor, type Dial } from "./data-source-options.js";
import { isDeadlock, isLostConnection, isRefused, maySoonPass, toUnavailable } from "./driver-errors.js";
import { cannotOpen, explainStartFault } from "./explain-start-fault.js";
import { withDeadline } from "./deadline.js";
import type { Session } from "./session.js";
import { createSqliteFile } from "./sqlite-files.js";

/** The open database that the stores are built on. */
export interface Database extends Session {
  dataSource: DataSource;
  /** @throws SERVICE_UNAVAILABLE unless the database answers and has every table and column that requests need. */
  ping(): Promise<void>;
  /** Turns an error that ends the start into one line for the operator. An error of another origin is returned unchanged. */
  explain(error: unknown): unknown;
}

const ATTEMPTS = 3;
/** Milliseconds that a start waits for a database that cannot be reached. */
const START_PATIENCE_MS = 10_000;
const CONNECT_RETRY_MS = 250;
const DISCONNECT_MS = 1_000;
const CUT_AGAIN_MS = 100;

/**
 * Opens the database. The schema is not changed.
 *
 * Everything that the database does not do, or not in time, is thrown as SERVICE_UNAVAILABLE. A transaction that lost a
 * deadlock is repeated.
 */
export async function openDatabase(config: DatabaseConfig, idleCheck?: IdleCheck): Promise<Database> {
  if (config.kind === "sqlite") createSqliteFile(config.path);
  const dial = config.kind === "mysql" ? dialerFor(config) : undefined;
  const dataSource = await connected(config, dial);
  const session = await openSession(dataSource, config, { dial, idleCheck });
  const probe = schemaProbe(dataSource);
  return {
    dataSource,
    read: (work) => repeated(() => session.read(work), isLostConnection),
    transact: (work) => repeated(() => session.transact(work), isDeadlock),
    select: (sql, values) => repeated(() => session.select(sql, values), isLostConnection),
    alone: (work) =>
      repeated(
        () => session.alone(work),
        () => false,
      ),
    ping: async () => {
      await repeated(() => session.select(probe), isLostConnection);
      await expectWhole(session);
    },
    explain: (error) => explainStartFault(config, error),
    fault: (thorough) => session.fault(thorough),
    close: () => session.close(),
  };
}

async function openSession(
  dataSource: DataSource,
  config: DatabaseConfig,
  { dial, idleCheck }: { dial: Dial; idleCheck: IdleCheck | undefined },
): Promise<Session> {
  try {
    // Each session imports its driver: only the driver that is used is loaded.
    if (config.kind === "sqlite") {
      const { sqliteSession } = await import("./sqlite-session.js");
      return await sqliteSession(dataSource, config.path);
    }
    const { mysqlSession } = await import("./mysql-session.js");
    return await mysqlSession(dataSource, checkPoolOptions(config, dial), idleCheck);
  } catch (error) {
    await dataSource.destroy();
    throw cannotOpen(config, error);
  }
}

/** SQLite may answer from memory although its file was cut off. */
async function expectWhole(session: Session): Promise<void> {
  if (session.fault(true) === null) return;
  // Another process may be about to make the file longer.
  await sleep(CUT_AGAIN_MS);
  const fault = session.fault(true);
  if (fault !== null) throw unavailable(`the database file ${fault}`);
}

/** Retries while the database server is starting, or while another first start has locked the SQLite file. */
async function connected(config: DatabaseConfig, dial: Dial): Promise<DataSource> {
  const options = dataSourceOptions(config, dial);
  const deadline = AbortSignal.timeout(START_PATIENCE_MS);
  for (;;) {
    const dataSource = new DataSource(options);
    try {
      return await dataSource.initialize();
    } catch (error) {
      // TypeORM leaves the pool open when the first statement on it fails. An open pool keeps the process from ending.
      await withDeadline(dataSource.driver.disconnect(), DISCONNECT_MS, () => undefined).catch(
        () => undefined,
      );
      if (!maySoonPass(error) || deadline.aborted) throw cannotOpen(config, error);
      await sleep(CONNECT_RETRY_MS);
    }
  }
}

/**
 * Repeats a unit of work that failed without an effect: a read after a lost connection, a transaction after a deadlock. If
 * a host refused the connection or the statement, the next attempt goes to the next host.
 */
async function repeated<T>(run: () => Promise<T>, again: (error: unknown) => boolean): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt === ATTEMPTS || !(again(error) || isRefused(error))) throw toUnavailable(error);
    }
  }
}

/** The table of leases (`lease.ts`), which has no entity. */
const LEASE_TABLE = { table: "lease", columns: ["name", "holder", "expirationTime"] };

/**
 * A statement that reads no row. It fails when a table or a column that requests need is missing or must not be read. A
 * database that answers `SELECT 1` may still be unable to serve requests.
 */
function schemaProbe({ entityMetadatas }: DataSource): string {
  const known = entityMetadatas.map(({ tableName, columns }) => ({
    table: tableName,
    columns: columns.map(({ databaseName }) => databaseName),
  }));
  return [...known, LEASE_TABLE]
    .map(({ table, columns }, at) => {
      const list = columns.map((column) => `\`${column}\``).join(", ");
      return `SELECT 1 AS one FROM (SELECT ${list} FROM \`${table}\` WHERE 1 = 0) AS probed${at}`;
    })
    .join(" UNION ALL ");
}
