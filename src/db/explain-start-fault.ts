import type { DatabaseConfig } from "../config/config.js";
import { LatchkeyError, unavailable } from "../errors/latchkey-error.js";
import { driverErrorOf, isFromDatabase, type DriverError } from "./driver-errors.js";
import { AUTHENTICATION_METHODS } from "./authentication-methods.js";

const RIGHTS = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, REFERENCES";
const GRANT = `grant the account ${RIGHTS} on its database`;
const OTHER_METHOD = `give the account one that does (${AUTHENTICATION_METHODS.join(", ")})`;
const WRITABLE = "DATABASE_URL must name a server that takes writes";
const MAKE_SPACE = "make room on its disk";
const INDEX_SIZE = "it must keep pages of 8 KiB or more (innodb_page_size)";

/** What the operator can do, by the server's error number. MariaDB and MySQL give newer errors different numbers. */
const REMEDIES: Record<number, string> = {
  1021: MAKE_SPACE, // ER_DISK_FULL
  1040: "raise its max_connections, or run fewer gateways", // ER_CON_COUNT_ERROR
  1044: GRANT, // ER_DBACCESS_DENIED_ERROR
  1045: "check the user and the password in DATABASE_URL", // ER_ACCESS_DENIED_ERROR
  1049: "create it, or name another one in DATABASE_URL", // ER_BAD_DB_ERROR
  1071: INDEX_SIZE, // ER_TOO_LONG_KEY
  1114: MAKE_SPACE, // ER_RECORD_FILE_FULL
  1129: "run FLUSH HOSTS there", // ER_HOST_IS_BLOCKED
  1130: "let the account connect from this host", // ER_HOST_NOT_PRIVILEGED
  1142: GRANT, // ER_TABLEACCESS_DENIED_ERROR
  1143: GRANT, // ER_COLUMNACCESS_DENIED_ERROR
  1203: "raise its max_user_connections", // ER_TOO_MANY_USER_CONNECTIONS
  1226: "raise that limit of the account", // ER_USER_LIMIT_REACHED
  1227: GRANT, // ER_SPECIFIC_ACCESS_DENIED_ERROR
  1290: WRITABLE, // ER_OPTION_PREVENTS_STATEMENT
  1524: OTHER_METHOD, // ER_PLUGIN_IS_NOT_LOADED
  1665: "set its binlog_format to ROW or MIXED: with STATEMENT it takes no writes from READ COMMITTED", // ER_BINLOG_STMT_MODE_AND_ROW_ENGINE
  1709: INDEX_SIZE, // ER_INDEX_COLUMN_TOO_LONG
  1792: WRITABLE, // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  1820: "set a new password for the account", // ER_MUST_CHANGE_PASSWORD
  1836: WRITABLE, // ER_READ_ONLY_MODE
  1862: "set a new password for the account", // ER_MUST_CHANGE_PASSWORD_LOGIN
  1969: "raise its max_statement_time", // MariaDB's ER_STATEMENT_TIMEOUT
  3024: "raise its max_execution_time", // MySQL's ER_QUERY_TIMEOUT
  3118: "unlock the account", // MySQL's ER_ACCOUNT_HAS_BEEN_LOCKED
  3159: "let DATABASE_URL end in ?tls=true", // MySQL's ER_SECURE_TRANSPORT_REQUIRED
  4151: "unlock the account", // MariaDB's ER_ACCOUNT_HAS_BEEN_LOCKED
};

/** The same, by the name of an error of the driver. */
const NAMED_REMEDIES: Record<string, string> = {
  HANDSHAKE_NO_SSL_SUPPORT: "switch TLS on there, or leave ?tls=true out of DATABASE_URL",
  HANDSHAKE_SSL_ERROR:
    "its certificate must be for the first host of DATABASE_URL; NODE_EXTRA_CA_CERTS adds a private authority",
  SQLITE_CORRUPT: "put it back from a backup",
  SQLITE_FULL: MAKE_SPACE,
  SQLITE_NOTADB: "name another file in DATABASE_URL",
  SQLITE_READONLY: "this user must be able to write to the file and its folder",
  SQLITE_CANTOPEN: "this user must be able to write to the file and its folder",
};

/** The messages of mysql2 for a method that it does not know, and for the one that would send the password in clear text. */
const UNKNOWN_METHOD = /using (?:unknown plugin (\w+)|(mysql_clear_password),)/;

/** Explains the error that ends a start in one line, if the database is its cause. Any other error is returned unchanged. */
export function explainStartFault(config: DatabaseConfig, error: unknown): unknown {
  const cause = error instanceof LatchkeyError ? error.cause : error;
  return isFromDatabase(cause) ? cannotOpen(config, cause) : error;
}

/** One line for the operator: the database, the message of its driver, and what to do. It contains no password or secret. */
export function cannotOpen(config: DatabaseConfig, error: unknown): LatchkeyError {
  const place =
    config.kind === "sqlite"
      ? config.path
      : config.hosts.map(({ host, port }) => `${host}:${port}`).join(", ");
  const text = `the database at ${place} cannot be opened: ${causeAndRemedy(error, driverErrorOf(error))}`;
  return unavailable(text.replaceAll(/\s+/g, " "), error);
}

function causeAndRemedy(error: unknown, { code, errno, message }: DriverError): string {
  const [, unknown, open] = UNKNOWN_METHOD.exec(message) ?? [];
  const method = unknown ?? open;
  if (method !== undefined) {
    return `the account uses the authentication method ${method}, which Latchkey does not speak; ${OTHER_METHOD}`;
  }
  const remedy = (errno === undefined ? undefined : REMEDIES[errno]) ?? NAMED_REMEDIES[code];
  const text = message || code || (error as Error).message;
  return remedy === undefined ? text : `${text}; ${remedy}`;
}
