import { setTimeout as sleep } from "node:timers/promises";
import { DataSource } from "typeorm";
import type { EntityManager } from "typeorm";
import type { DatabaseConfig } from "../config/config.js";
import { createSqliteFile, dataSourceOptions } from "./data-source-options.js";
import { isDeadlock, isLostConnection, toUnavailable } from "./driver-errors.js";
import { mysqlSession } from "./mysql-session.js";
import { sqliteSession } from "./sqlite-session.js";

/** Runs work on one connection of the database, one statement after the other. */
export interface Session {
  /** Without a transaction. */
  read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  /** All or nothing. */
  transact<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  /** One prepared SELECT, outside TypeORM's query builder (8 times the cost of a whole request). */
  select(sql: (placeholders: string) => string, values: readonly string[]): Promise<unknown[]>;
  close(): Promise<void>;
}

/** The open database: what the stores are built on. */
export interface Database extends Session {
  dataSource: DataSource;
  /** Throws SERVICE_UNAVAILABLE unless the database answers. */
  ping(): Promise<void>;
}

const ATTEMPTS = 3;
const CONNECT_ATTEMPTS = 20;
const CONNECT_RETRY_MS = 250;

/**
 * Opens the database without touching its schema.
 *
 * Whatever the database cannot do in time, or at all for now, is thrown as
 * SERVICE_UNAVAILABLE; a transaction that lost a deadlock is repeated.
 */
export async function openDatabase(config: DatabaseConfig): Promise<Database> {
  if (config.kind === "sqlite") createSqliteFile(config.path);
  const dataSource = await connected(config);
  const session =
    config.kind === "sqlite" ? sqliteSession(dataSource, config.path) : await mysqlSession(dataSource);
  return {
    dataSource,
    read: (work) => repeated(() => session.read(work), isLostConnection),
    transact: (work) => repeated(() => session.transact(work), isDeadlock),
    select: (sql, values) => repeated(() => session.select(sql, values), isLostConnection),
    ping: async () => {
      await repeated(() => session.select(() => "SELECT 1 AS one", []), isLostConnection);
    },
    close: () => session.close(),
  };
}

/** A database that is just starting, or an SQLite file that another first start has locked, gets its time. */
async function connected(config: DatabaseConfig): Promise<DataSource> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await new DataSource(dataSourceOptions(config)).initialize();
    } catch (error) {
      const known = toUnavailable(error);
      if (attempt === CONNECT_ATTEMPTS || known === error) throw known;
      await sleep(CONNECT_RETRY_MS);
    }
  }
}

/** A read survives a lost connection and a transaction a deadlock, by being tried again. */
async function repeated<T>(run: () => Promise<T>, again: (error: unknown) => boolean): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt === ATTEMPTS || !again(error)) throw toUnavailable(error);
    }
  }
}
