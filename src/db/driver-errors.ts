import { LatchkeyError, unavailable } from "../errors/latchkey-error.js";
import { DeadlineError } from "./deadline.js";

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

/** What passes by itself once the operator, or time, has mended the database. */
const PASSING = new Set([
  ...DEADLOCK,
  ...LOST_CONNECTION,
  ...REFUSED_CONNECTION,
  ...UNFIT_HOST,
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "PROTOCOL_SEQUENCE_TIMEOUT",
  "PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR",
  "ER_CON_COUNT_ERROR",
  "ER_TOO_MANY_USER_CONNECTIONS",
  "ER_USER_LIMIT_REACHED",
  "ER_NORMAL_SHUTDOWN",
  "ER_CONNECTION_KILLED",
  "ER_QUERY_INTERRUPTED",
  "ER_RECORD_FILE_FULL",
  "ER_DISK_FULL",
  "ER_ENGINE_OUT_OF_MEMORY",
  "ER_HOST_IS_BLOCKED",
  "ER_NO_SUCH_TABLE", // somebody is at work on the schema
  "ER_BAD_FIELD_ERROR",
  "POOL_QUEUE_FULL",
]);

/** The same of SQLite; each stands for all codes that begin with it. */
const PASSING_SQLITE = /^SQLITE_(?:BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|PROTOCOL)/;

/** The code of what mysql2 only puts into words, when a connection, or the pool, cannot take more. */
const WORDED: Record<string, string> = {
  "Can't add new command when connection is in closed state": "PROTOCOL_CONNECTION_LOST",
  "Can't write in closed state": "PROTOCOL_CONNECTION_LOST",
  "Queue limit reached.": "POOL_QUEUE_FULL",
};

/** SQLite has one code for all that is wrong with a statement. */
const BAD_SCHEMA = /^no such (?:table|column)/;

/** The driver's own code, from under TypeORM's QueryFailedError. */
function driverCode(error: unknown): string {
  const { driverError = error } = (error ?? {}) as { driverError?: unknown };
  const { code, message } = (driverError ?? {}) as { code?: unknown; message?: unknown };
  const text = typeof message === "string" ? message : "";
  if (code === "SQLITE_ERROR" && BAD_SCHEMA.test(text)) return "ER_NO_SUCH_TABLE";
  return typeof code === "string" ? code : (WORDED[text] ?? "");
}

/** A unique key refused the row. */
export const isDuplicate = (error: unknown): boolean => DUPLICATE.has(driverCode(error));

/** The transaction lost against another one and was rolled back whole. */
export const isDeadlock = (error: unknown): boolean => DEADLOCK.has(driverCode(error));

/** The connection died under the statement. Only reads may be repeated: a commit may have arrived. */
export const isLostConnection = (error: unknown): boolean => LOST_CONNECTION.has(driverCode(error));

/** The host is to be left for another one. */
export const isUnfitHost = (error: unknown): boolean => UNFIT_HOST.has(driverCode(error));

/** Nothing was done, so anything may be repeated; the next attempt dials the next host. */
export const isRefused = (error: unknown): boolean =>
  REFUSED_CONNECTION.has(driverCode(error)) || isUnfitHost(error);

/** Another process holds SQLite's lock. */
export const isBusy = (error: unknown): boolean => driverCode(error).startsWith("SQLITE_BUSY");

/** What will pass becomes SERVICE_UNAVAILABLE; anything else stays what it is. */
export function toUnavailable(error: unknown): unknown {
  if (error instanceof LatchkeyError) return error;
  const code = driverCode(error);
  if (error instanceof DeadlineError || PASSING.has(code) || PASSING_SQLITE.test(code)) {
    return unavailable(`database: ${code || (error as Error).message}`, error);
  }
  return error;
}
