import { setTimeout as sleep } from "node:timers/promises";
import { DataSource } from "typeorm";
import type { DatabaseConfig } from "../config/config.js";
import { unavailable } from "../errors/latchkey-error.js";
import type { IdleCheck } from "./connection-trust.js";
import { checkPoolOptions, dataSourceOptions, dialerFor, type Dial } from "./data-source-options.js";
import { isDeadlock, isLostConnection, isRefused, maySoonPass, toUnavailable } from "./driver-errors.js";
import { cannotOpen, explainStartFault } from "./explain-start-fault.js";
import { schemaProbe } from "./schema-probe.js";
import { withDeadline } from "./deadline.js";
import type { Session } from "./session.js";
import { createSqliteFile } from "./sqlite-file.js";

/** The open database: what the stores are built on. */
export interface Database extends Session {
  dataSource: DataSource;
  /** Throws SERVICE_UNAVAILABLE unless the database answers and has every table and column that requests need. */
  ping(): Promise<void>;
  /** What ends a start, in one line for the operator; anything that is not the database's fault stays what it is. */
  explain(error: unknown): unknown;
}

const ATTEMPTS = 3;
/** Milliseconds that a start waits for a database that cannot be reached. */
const PATIENCE_MS = 10_000;
const CONNECT_RETRY_MS = 250;
const DISCONNECT_MS = 1_000;
const CUT_AGAIN_MS = 100;

/**
 * Opens the database without touching its schema.
 *
 * Whatever the database cannot do in time, or at all for now, is thrown as
 * SERVICE_UNAVAILABLE; a transaction that lost a deadlock is repeated.
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
    // Each brings its driver along: only the one that is used is loaded.
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

/** An embedded database may answer out of memory although its file was cut off. */
async function expectWhole(session: Session): Promise<void> {
  if (session.fault(true) === null) return;
  // Another process may be just about to make the file longer.
  await sleep(CUT_AGAIN_MS);
  const fault = session.fault(true);
  if (fault !== null) throw unavailable(`the database file ${fault}`);
}

/** A database that is just starting, or an SQLite file that another first start has locked, gets its time. */
async function connected(config: DatabaseConfig, dial: Dial): Promise<DataSource> {
  const options = dataSourceOptions(config, dial);
  const deadline = AbortSignal.timeout(PATIENCE_MS);
  for (;;) {
    const dataSource = new DataSource(options);
    try {
      return await dataSource.initialize();
    } catch (error) {
      // TypeORM leaves the pool open when the first statement on it fails, and that keeps the process from ending.
      await withDeadline(dataSource.driver.disconnect(), DISCONNECT_MS, () => undefined).catch(
        () => undefined,
      );
      if (!maySoonPass(error) || deadline.aborted) throw cannotOpen(config, error);
      await sleep(CONNECT_RETRY_MS);
    }
  }
}

/**
 * A read survives a lost connection and a transaction a deadlock, by being
 * tried again; what a host did not take is tried on the next one.
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
