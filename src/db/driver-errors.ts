import { LatchkeyError, unavailable } from "../errors/latchkey-error.js";
import { DeadlineError } from "./deadline.js";
import { isOwnFault } from "./own-fault.js";

/** There was no connection, or it could not be set up: no statement was sent. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";

  constructor(cause: unknown) {
    super("no connection to the database", { cause });
  }
}

/** What the driver reported, without our wrapping and TypeORM's. */
export interface DriverError {
  /** The driver's name of the error; "" when it has none. */
  code: string;
  /** The server's error number; undefined when the error is not a server's. */
  errno: number | undefined;
  /** The SQLSTATE; undefined when the error is not a server's. */
  sqlState: string | undefined;
  message: string;
  /** mysql2 no longer uses the connection. */
  fatal: boolean;
}

const DUPLICATE = new Set(["ER_DUP_ENTRY", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"]);

const DEADLOCK = new Set(["ER_LOCK_DEADLOCK", "ER_LOCK_WAIT_TIMEOUT"]);

const LOST_CONNECTION = new Set(["PROTOCOL_CONNECTION_LOST", "ECONNRESET", "EPIPE", "ER_SERVER_SHUTDOWN"]);

/** The host did not accept the connection: nothing was sent. */
const REFUSED_CONNECTION = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"]);

/** The host received the statement and did nothing: it is read-only, or a Galera node without a quorum. */
const UNFIT_HOST = new Set([
  "ER_OPTION_PREVENTS_STATEMENT",
  "ER_READ_ONLY_MODE",
  "ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION",
  "ER_UNKNOWN_COM_ERROR",
]);

/**
 * A server looks up the rights of a session when the session begins. A session that began while the rights were revoked
 * stays without them after they are granted again. The same holds for a database that was dropped and created again.
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

/** Errors that a starting server, or another first start on the same SQLite file, may cause. */
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

/** Errors of mysql2 that have a message but no code: a connection that is closed, and a pool that is full. */
const CODES_BY_MESSAGE: Record<string, string> = {
  "Can't add new command when connection is in closed state": "PROTOCOL_CONNECTION_LOST",
  "Can't write in closed state": "PROTOCOL_CONNECTION_LOST",
  "Queue limit reached.": "POOL_QUEUE_FULL",
};

/** Returns the driver's error from inside a ConnectionError or TypeORM's QueryFailedError. */
export function driverErrorOf(error: unknown): DriverError {
  if (error instanceof ConnectionError) return driverErrorOf(error.cause);
  const { driverError = error } = (error ?? {}) as { driverError?: unknown };
  const { code, errno, sqlState, message, fatal } = (driverError ?? {}) as Record<string, unknown>;
  const text = typeof message === "string" ? message : "";
  const state = typeof sqlState === "string" ? sqlState : undefined;
  return {
    code: typeof code === "string" ? code : (CODES_BY_MESSAGE[text] ?? ""),
    // Errors of Node have an errno as well, which is negative and means something else.
    errno: state !== undefined && typeof errno === "number" ? errno : undefined,
    sqlState: state,
    message: text,
    fatal: fatal === true,
  };
}

const driverCodeOf = (error: unknown): string => driverErrorOf(error).code;

/** The row violates a unique key. */
export const isDuplicate = (error: unknown): boolean => DUPLICATE.has(driverCodeOf(error));

/** The transaction lost a deadlock or a lock wait, and was rolled back completely. */
export const isDeadlock = (error: unknown): boolean => DEADLOCK.has(driverCodeOf(error));

/** The connection broke during the statement. Only reads may be repeated: a commit may have reached the server. */
export const isLostConnection = (error: unknown): boolean => LOST_CONNECTION.has(driverCodeOf(error));

/** The next attempt should use another host. */
export const isUnfitHost = (error: unknown): boolean => UNFIT_HOST.has(driverCodeOf(error));

/** The connection must be closed: the statement may succeed on a new one. */
export const isStaleSession = (error: unknown): boolean => STALE_SESSION.has(driverCodeOf(error));

/** Nothing was done, so every unit of work may be repeated. The next attempt dials the next host. */
export const isRefused = (error: unknown): boolean =>
  REFUSED_CONNECTION.has(driverCodeOf(error)) || isUnfitHost(error);

/** Another process holds SQLite's lock. */
export const isBusy = (error: unknown): boolean => driverCodeOf(error).startsWith("SQLITE_BUSY");

/** Whether the start should retry for a few seconds. Not after a wrong password: retries would lock the account. */
export function maySoonPass(error: unknown): boolean {
  const { code } = driverErrorOf(error);
  return error instanceof DeadlineError || STARTING.has(code) || STARTING_SQLITE.test(code);
}

/**
 * Turns every error that the database is responsible for into SERVICE_UNAVAILABLE. An error that our own statement caused,
 * or that does not come from the database, is returned unchanged: it is a defect.
 */
export function toUnavailable(error: unknown): unknown {
  if (error instanceof LatchkeyError) return error;
  const reported = driverErrorOf(error);
  const unasked = error instanceof DeadlineError || error instanceof ConnectionError;
  if (!unasked && (!isReported(reported) || isOwnFault(reported))) return error;
  return unavailable(`database: ${reported.code || String(reported.errno ?? reported.message)}`, error);
}

/** Whether an error comes from the database or the connection to it, including errors that our own statement caused. */
export const isFromDatabase = (error: unknown): boolean =>
  error instanceof DeadlineError || error instanceof ConnectionError || isReported(driverErrorOf(error));

/** Whether a server or SQLite reported it, or the connection broke. An error of our program has none of these marks. */
const isReported = ({ code, sqlState, fatal }: DriverError): boolean =>
  sqlState !== undefined ||
  fatal ||
  code.startsWith("SQLITE_") ||
  LOST_CONNECTION.has(code) ||
  REFUSED_CONNECTION.has(code) ||
  code === "POOL_QUEUE_FULL";
