import type { Socket } from "node:net";
import type { PoolOptions } from "mysql2";
import type { DataSourceOptions } from "typeorm";
import type { DatabaseConfig, MysqlConfig, SqliteConfig } from "../config/config.js";
import { Client } from "../entities/client.js";
import { Revocation, RevocationHead } from "../entities/revocation.js";
import { SigningKey } from "../entities/signing-key.js";
import { ThrottleCounter } from "../entities/throttle-counter.js";
import { User } from "../entities/user.js";
import { UserIdentifier } from "../entities/user-identifier.js";
import { UserToken } from "../entities/user-token.js";
import { authenticationPlugins } from "./authentication-methods.js";
import { createHostDialer, KEEP_ALIVE_AFTER_MS } from "./dial-hosts.js";
import { migrations } from "./migrations/index.js";

/** Milliseconds: how long one connection attempt may take. */
const CONNECT_TIMEOUT_MS = 2_000;

/** Milliseconds: how long one process waits for another one's write to an SQLite file. */
export const BUSY_TIMEOUT_MS = 5_000;

/** Dials one of several hosts; undefined for the usual way to the only one. */
export type Dial = (() => Socket) | undefined;

/** What all connections to a database dial by, so that all move on when one finds a host dead. */
export const dialerFor = ({ hosts }: MysqlConfig): Dial =>
  hosts.length > 1 ? createHostDialer(hosts) : undefined;

/** TypeORM's options for a configured database. The schema only ever changes by migrations. */
export function dataSourceOptions(database: DatabaseConfig, dial?: Dial): DataSourceOptions {
  const shared = {
    entities: [
      User,
      UserIdentifier,
      UserToken,
      SigningKey,
      Client,
      ThrottleCounter,
      Revocation,
      RevocationHead,
    ],
    migrations,
    migrationsTableName: "migration",
    synchronize: false,
    migrationsRun: false,
    logging: false,
  };
  return database.kind === "sqlite"
    ? { ...shared, ...sqliteOptions(database) }
    : { ...shared, ...mysqlOptions(database, dial) };
}

function sqliteOptions({ path }: SqliteConfig) {
  return {
    type: "better-sqlite3" as const,
    database: path,
    timeout: BUSY_TIMEOUT_MS,
    prepareDatabase: (handle: { pragma: (text: string) => unknown }) => {
      handle.pragma("journal_mode = WAL");
      handle.pragma("synchronous = FULL");
    },
  };
}

function mysqlOptions(database: MysqlConfig, dial: Dial) {
  const { host, port, user, password, database: name, ...extra } = connectionOptions(database, dial);
  return {
    type: "mysql" as const,
    host,
    port,
    username: user,
    password,
    database: name,
    poolSize: 20,
    extra: { ...extra, queueLimit: 100 },
  };
}

/**
 * The row check's own small pool: what a storm of logins makes the other pool wait for never touches who
 * is signed in already. The check is coalesced, so one connection does its work; what else looks something
 * up here goes one at a time, too: clients, and the two readers of the revocation feed.
 */
export function checkPoolOptions(database: MysqlConfig, dial: Dial): PoolOptions {
  return { ...connectionOptions(database, dial), connectionLimit: 4, queueLimit: 100 };
}

function connectionOptions(database: MysqlConfig, dial: Dial) {
  return {
    host: database.hosts[0]?.host,
    port: database.hosts[0]?.port,
    user: database.user,
    password: database.password,
    database: database.database,
    authPlugins: authenticationPlugins(database.password),
    charset: "utf8mb4",
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(database.tls ? { ssl: { minVersion: "TLSv1.2", verifyIdentity: true } } : {}),
    enableKeepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
    // BIGINTs here are milliseconds and counts: far below 2^53, so plain numbers are exact.
    supportBigNumbers: true,
    bigNumberStrings: false,
    ...(dial ? { stream: dial } : {}),
  };
}
