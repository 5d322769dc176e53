import { LatchkeyError, unavailable } from "../errors/latchkey-error.js";
import { DeadlineError } from "./deadline.js";

const DUPLICATE = new Set(["ER_DUP_ENTRY", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"]);

const DEADLOCK = new Set(["ER_LOCK_DEADLOCK", "ER_LOCK_WAIT_TIMEOUT"]);

const LOST_CONNECTION = new Set(["PROTOCOL_CONNECTION_LOST", "ECONNRESET", "EPIPE", "ER_SERVER_SHUTDOWN"]);

/** The host did not take the connection: nothing was sent. */
const REFUSED_CONNECTION = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"]);

/** What passes by itself once the operator, or time, has mended the database. */
const PASSING = new Set([
  ...DEADLOCK,
  ...LOST_CONNECTION,
  ...REFUSED_CONNECTION,
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "PROTOCOL_SEQUENCE_TIMEOUT",
  "PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR",
  "ER_CON_COUNT_ERROR",
  "ER_TOO_MANY_USER_CONNECTIONS",
  "ER_USER_LIMIT_REACHED",
  "ER_UNKNOWN_COM_ERROR", // a Galera node without its quorum
  "ER_OPTION_PREVENTS_STATEMENT", // read_only
  "ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION",
  "ER_NORMAL_SHUTDOWN",
  "ER_CONNECTION_KILLED",
  "ER_QUERY_INTERRUPTED",
  "ER_RECORD_FILE_FULL",
  "ER_DISK_FULL",
  "ER_ENGINE_OUT_OF_MEMORY",
  "POOL_QUEUE_FULL",
  "SQLITE_LOCKED",
  "SQLITE_FULL",
  "SQLITE_READONLY",
  "SQLITE_CANTOPEN",
]);

/** The code where mysql2 itself gives none: it words these when the connection, or the pool, cannot take more. */
const WORDED: Record<string, string> = {
  "Can't add new command when connection is in closed state": "PROTOCOL_CONNECTION_LOST",
  "Can't write in closed state": "PROTOCOL_CONNECTION_LOST",
  "Queue limit reached.": "POOL_QUEUE_FULL",
};

/** The driver's own code, from under TypeORM's QueryFailedError. */
function driverCode(error: unknown): string {
  const { driverError = error } = (error ?? {}) as { driverError?: unknown };
  const { code, message } = (driverError ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === "string") return code;
  return typeof message === "string" ? (WORDED[message] ?? "") : "";
}

/** A unique key refused the row. */
export const isDuplicate = (error: unknown): boolean => DUPLICATE.has(driverCode(error));

/** The transaction lost against another one and was rolled back whole. */
export const isDeadlock = (error: unknown): boolean => DEADLOCK.has(driverCode(error));

/** The connection died under the statement. Only reads may be repeated: a commit may have arrived. */
export const isLostConnection = (error: unknown): boolean => LOST_CONNECTION.has(driverCode(error));

/** No connection was made, so anything may be repeated; the next attempt dials the next host. */
export const isRefusedConnection = (error: unknown): boolean => REFUSED_CONNECTION.has(driverCode(error));

/** Another process holds SQLite's lock. */
export const isBusy = (error: unknown): boolean => driverCode(error).startsWith("SQLITE_BUSY");

/** What will pass becomes SERVICE_UNAVAILABLE; anything else stays what it is. */
export function toUnavailable(error: unknown): unknown {
  if (error instanceof LatchkeyError) return error;
  const code = driverCode(error);
  const passing = PASSING.has(code) || code.startsWith("SQLITE_IOERR") || isBusy(error);
  if (error instanceof DeadlineError || passing) {
    return unavailable(`database: ${code || (error as Error).message}`, error);
  }
  return error;
}
