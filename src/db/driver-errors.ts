import { LatchkeyError, unavailable } from "../errors/latchkey-error.js";
import { DeadlineError } from "./deadline.js";
import { isOwnFault } from "./own-fault.js";

/** No connection could be had, or set up, for whatever reason: nothing was asked. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";

  constructor(cause: unknown) {
    super("no connection to the database", { cause });
  }
}

/** What a driver says of an error, from under our wrapping and TypeORM's. */
export interface DriverError {
  /** The driver's name for it; "" when it has none. */
  code: string;
  /** The number that the server gave it; undefined when no server did. */
  errno: number | undefined;
  /** The SQLSTATE of a server's error; undefined when no server said it. */
  sqlState: string | undefined;
  message: string;
  /** mysql2 has given the connection up. */
  fatal: boolean;
}

const DUPLICATE = new Set(["ER_DUP_ENTRY", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"]);

const DEADLOCK = new Set(["ER_LOCK_DEADLOCK", "ER_LOCK_WAIT_TIMEOUT"]);

const LOST_CONNECTION = new Set(["PROTOCOL_CONNECTION_LOST", "ECONNRESET", "EPIPE", "ER_SERVER_SHUTDOWN"]);

/** The host did not take the connection: nothing was sent. */
const REFUSED_CONNECTION = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"]);

/** The host took the statement and did nothing: it is read-only, or a Galera node without its quorum. */
const UNFIT_HOST = new Set([
  "ER_OPTION_PREVENTS_STATEMENT",
  "ER_READ_ONLY_MODE",
  "ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION",
  "ER_UNKNOWN_COM_ERROR",
]);

/**
 * A server looks the rights of a session on its database up when the session begins. A session that began while they
 * were taken away goes on without them when they are given back; the same holds for a database that was dropped.
 */
const STALE_SESSION = new Set([
  "ER_DBACCESS_DENIED_ERROR",
  "ER_TABLEACCESS_DENIED_ERROR",
  "ER_COLUMNACCESS_DENIED_ERROR",
  "ER_SPECIFIC_ACCESS_DENIED_ERROR",
  "ER_PROCACCESS_DENIED_ERROR",
  "ER_BAD_DB_ERROR",
  "ER_NO_DB_ERROR",
]);

/** What a server that is just starting, or another first start on the same SQLite file, may be the cause of. */
const STARTING = new Set([
  ...DEADLOCK,
  ...LOST_CONNECTION,
  ...REFUSED_CONNECTION,
  ...UNFIT_HOST,
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "ER_CON_COUNT_ERROR",
  "ER_TOO_MANY_USER_CONNECTIONS",
  "ER_NORMAL_SHUTDOWN",
  "ER_CONNECTION_KILLED",
]);
const STARTING_SQLITE = /^SQLITE_(?:BUSY|LOCKED|IOERR|CANTOPEN|PROTOCOL)/;

/** The code of what mysql2 only puts into words, when a connection, or the pool, cannot take more. */
const WORDED: Record<string, string> = {
  "Can't add new command when connection is in closed state": "PROTOCOL_CONNECTION_LOST",
  "Can't write in closed state": "PROTOCOL_CONNECTION_LOST",
  "Queue limit reached.": "POOL_QUEUE_FULL",
};

/** Reads what the driver said, from under ConnectionError and TypeORM's QueryFailedError. */
export function driverErrorOf(error: unknown): DriverError {
  if (error instanceof ConnectionError) return driverErrorOf(error.cause);
  const { driverError = error } = (error ?? {}) as { driverError?: unknown };
  const { code, errno, sqlState, message, fatal } = (driverError ?? {}) as Record<string, unknown>;
  const text = typeof message === "string" ? message : "";
  const state = typeof sqlState === "string" ? sqlState : undefined;
  return {
    code: typeof code === "string" ? code : (WORDED[text] ?? ""),
    // Node's own errors have negative ones, which mean something else.
    errno: state !== undefined && typeof errno === "number" ? errno : undefined,
    sqlState: state,
    message: text,
    fatal: fatal === true,
  };
}

const codeOf = (error: unknown): string => driverErrorOf(error).code;

/** A unique key refused the row. */
export const isDuplicate = (error: unknown): boolean => DUPLICATE.has(codeOf(error));

/** The transaction lost against another one and was rolled back whole. */
export const isDeadlock = (error: unknown): boolean => DEADLOCK.has(codeOf(error));

/** The connection died under the statement. Only reads may be repeated: a commit may have arrived. */
export const isLostConnection = (error: unknown): boolean => LOST_CONNECTION.has(codeOf(error));

/** The host is to be left for another one. */
export const isUnfitHost = (error: unknown): boolean => UNFIT_HOST.has(codeOf(error));

/** The connection is to be ended: a new one may be served. */
export const isStaleSession = (error: unknown): boolean => STALE_SESSION.has(codeOf(error));

/** Nothing was done, so anything may be repeated; the next attempt dials the next host. */
export const isRefused = (error: unknown): boolean =>
  REFUSED_CONNECTION.has(codeOf(error)) || isUnfitHost(error);

/** Another process holds SQLite's lock. */
export const isBusy = (error: unknown): boolean => codeOf(error).startsWith("SQLITE_BUSY");

/** Worth a few seconds' patience at the start. A wrong password is not: it only gets the account locked. */
export function maySoonPass(error: unknown): boolean {
  const { code } = driverErrorOf(error);
  return error instanceof DeadlineError || STARTING.has(code) || STARTING_SQLITE.test(code);
}

/**
 * What the database did not do, for whatever reason, becomes SERVICE_UNAVAILABLE. What is wrong with a statement of
 * ours, and what no database has said, stays what it is: a defect.
 */
export function toUnavailable(error: unknown): unknown {
  if (error instanceof LatchkeyError) return error;
  const said = driverErrorOf(error);
  const unasked = error instanceof DeadlineError || error instanceof ConnectionError;
  if (!unasked && (!isSaid(said) || isOwnFault(said))) return error;
  return unavailable(`database: ${said.code || String(said.errno ?? said.message)}`, error);
}

/** Whether the database, or the way to it, is where an error comes from: a statement's own fault is one of these, too. */
export const isFromDatabase = (error: unknown): boolean =>
  error instanceof DeadlineError || error instanceof ConnectionError || isSaid(driverErrorOf(error));

/** A server or SQLite has said it, or the connection has broken; an error of our program has none of these marks. */
const isSaid = ({ code, sqlState, fatal }: DriverError): boolean =>
  sqlState !== undefined ||
  fatal ||
  code.startsWith("SQLITE_") ||
  LOST_CONNECTION.has(code) ||
  REFUSED_CONNECTION.has(code) ||
  code === "POOL_QUEUE_FULL";
