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

/** Milliseconds that one attempt to connect may take. */
const CONNECT_TIMEOUT_MS = 2_000;

/** Milliseconds that a process waits while another process writes to the SQLite file. */
export const BUSY_TIMEOUT_MS = 5_000;

/** Connects to one of several hosts; undefined when there is only one, which the driver connects to itself. */
export type Dial = (() => Socket) | undefined;

/** The dialer that all connections to a database share: when one of them finds a host dead, all move on to the next. */
export const dialerFor = ({ hosts }: MysqlConfig): Dial =>
  hosts.length > 1 ? createHostDialer(hosts) : undefined;

/** TypeORM's options for the configured database. Only migrations change the schema. */
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
 * The row check has a small pool of its own. When many logins occupy the other pool, requests of users who are signed in
 * do not wait.
 *
 * Row checks are coalesced, so one connection is enough for them. The other users of this pool also run one statement at a
 * time: the look-up of clients, the key ring, and the two readers of the revocation feed.
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
    // Our BIGINTs are milliseconds and counts, far below 2^53. So JavaScript numbers hold them exactly.
    supportBigNumbers: true,
    bigNumberStrings: false,
    ...(dial ? { stream: dial } : {}),
  };
}
