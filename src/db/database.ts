import { setTimeout as sleep } from "node:timers/promises";
import { DataSource } from "typeorm";
import type { DatabaseConfig } from "../config/config.js";
import { unavailable } from "../errors/latchkey-error.js";
import type { LatchkeyError } from "../errors/latchkey-error.js";
import { checkPoolOptions, createSqliteFile, dataSourceOptions, dialerFor } from "./data-source-options.js";
import type { Dial } from "./data-source-options.js";
import { isDeadlock, isLostConnection, isRefused, toUnavailable } from "./driver-errors.js";
import type { Session } from "./session.js";

/** The open database: what the stores are built on. */
export interface Database extends Session {
  dataSource: DataSource;
  /** Throws SERVICE_UNAVAILABLE unless the database answers. */
  ping(): Promise<void>;
}

const ATTEMPTS = 3;
/** Milliseconds that a start waits for a database that cannot be reached. */
const PATIENCE_MS = 10_000;
const CONNECT_RETRY_MS = 250;

/**
 * Opens the database without touching its schema.
 *
 * Whatever the database cannot do in time, or at all for now, is thrown as
 * SERVICE_UNAVAILABLE; a transaction that lost a deadlock is repeated.
 */
export async function openDatabase(config: DatabaseConfig): Promise<Database> {
  if (config.kind === "sqlite") createSqliteFile(config.path);
  const dial = config.kind === "mysql" ? dialerFor(config) : undefined;
  const dataSource = await connected(config, dial);
  const session = await openSession(dataSource, config, dial);
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
      await repeated(() => session.select(() => "SELECT 1 AS one", []), isLostConnection);
    },
    close: () => session.close(),
  };
}

async function openSession(dataSource: DataSource, config: DatabaseConfig, dial: Dial): Promise<Session> {
  try {
    // Each brings its driver along: only the one that is used is loaded.
    if (config.kind === "sqlite") {
      const { sqliteSession } = await import("./sqlite-session.js");
      return await sqliteSession(dataSource, config.path);
    }
    const { mysqlSession } = await import("./mysql-session.js");
    return await mysqlSession(dataSource, checkPoolOptions(config, dial));
  } catch (error) {
    await dataSource.destroy();
    throw toUnavailable(error);
  }
}

/** A database that is just starting, or an SQLite file that another first start has locked, gets its time. */
async function connected(config: DatabaseConfig, dial: Dial): Promise<DataSource> {
  const options = dataSourceOptions(config, dial);
  const patience = AbortSignal.timeout(PATIENCE_MS);
  for (;;) {
    try {
      return await new DataSource(options).initialize();
    } catch (error) {
      const passing = toUnavailable(error) !== error;
      if (!passing || patience.aborted) throw cannotOpen(config, error);
      await sleep(CONNECT_RETRY_MS);
    }
  }
}

/** One line for the operator: which database, and what its driver says. That holds neither password nor secret. */
function cannotOpen(config: DatabaseConfig, error: unknown): LatchkeyError {
  const place =
    config.kind === "sqlite"
      ? config.path
      : config.hosts.map(({ host, port }) => `${host}:${port}`).join(", ");
  const { message } = error as Error;
  return unavailable(`the database at ${place} cannot be opened: ${message}`, error);
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
