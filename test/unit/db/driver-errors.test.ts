import { DeadlineError } from "../../../src/db/deadline.js";
import { ConnectionError, isRefused, toUnavailable } from "../../../src/db/driver-errors.js";

type Parts = { code?: string; errno?: number; sqlState?: string; fatal?: boolean };

/** As a driver throws it. */
const thrown = (parts: Parts, message = "") => Object.assign(new Error(message), parts);
/** As a server says it, in mysql2's words. */
const said = (errno: number, sqlState: string, code = `ER_${errno}`) => thrown({ code, errno, sqlState });
/** As TypeORM wraps it. */
const wrapped = (driverError: Error) => Object.assign(new Error("QueryFailedError"), { driverError });
const sqlite = (code: string, message = "") => wrapped(thrown({ code }, message));

const expectUnavailable = (error: unknown) => {
  expect(toUnavailable(error)).toMatchObject({ code: "SERVICE_UNAVAILABLE", retryAfter: 1, cause: error });
};
const expectDefect = (error: unknown) => {
  expect(toUnavailable(error)).toBe(error);
};

describe("what a server did not carry out is SERVICE_UNAVAILABLE", () => {
  it.each<[string, number, string]>([
    ["too many connections", 1040, "08004"],
    ["access to the database denied", 1044, "42000"],
    ["a wrong password", 1045, "28000"],
    ["no database selected", 1046, "3D000"],
    ["an unknown database", 1049, "42000"],
    ["a shutdown", 1053, "08S01"],
    ["a missing column", 1054, "42S22"],
    ["a full disk", 1021, "HY000"],
    ["a full table", 1114, "HY000"],
    ["access to a table denied", 1142, "42000"],
    ["a missing table", 1146, "42S02"],
    ["a lock that is not free in time", 1205, "HY000"],
    ["a deadlock", 1213, "40001"],
    ["a limit of the account", 1226, "42000"],
    ["a right that is lacking", 1227, "42000"],
    ["a read-only server", 1290, "HY000"],
    ["a killed statement", 1317, "70100"],
    ["too many prepared statements", 1461, "42000"],
    ["the format of the binary log", 1665, "HY000"],
    ["a password that has to be changed", 1820, "HY000"],
    ["a killed connection", 1927, "70100"],
    ["MariaDB's limit for statements", 1969, "70100"],
    ["MySQL's limit for statements", 3024, "HY000"],
    ["a locked account of MySQL", 3118, "HY000"],
    ["a locked account of MariaDB", 4151, "HY000"],
    ["TiDB's region that does not answer", 9005, "HY000"],
    ["a trigger of the operator's", 1644, "45000"],
    ["a number that nobody knows", 65_000, "HY000"],
  ])("%s (%i)", (_what, errno, sqlState) => {
    expectUnavailable(said(errno, sqlState));
    expectUnavailable(wrapped(said(errno, sqlState)));
  });

  it.each([
    "SQLITE_BUSY",
    "SQLITE_BUSY_RECOVERY",
    "SQLITE_FULL",
    "SQLITE_IOERR_WRITE",
    "SQLITE_READONLY_DBMOVED",
    "SQLITE_CANTOPEN",
    "SQLITE_CORRUPT",
    "SQLITE_CORRUPT_INDEX",
    "SQLITE_NOTADB",
    "SQLITE_NOMEM",
    "SQLITE_PERM",
    "SQLITE_AUTH",
    "SQLITE_SCHEMA",
    "SQLITE_INTERRUPT",
  ])("%s", (code) => {
    expectUnavailable(sqlite(code));
  });

  it.each(["no such table: user_token", "no such column: t.ip", "table user has no column named locale"])(
    "SQLite's %p",
    (message) => {
      expectUnavailable(sqlite("SQLITE_ERROR", message));
    },
  );
});

describe("what could not even be asked is SERVICE_UNAVAILABLE", () => {
  it.each<[string, Error]>([
    ["a refused connection", thrown({ code: "ECONNREFUSED" })],
    ["a host without an address", thrown({ code: "ENOTFOUND" })],
    ["a certificate that is not trusted", thrown({ code: "HANDSHAKE_SSL_ERROR", fatal: true })],
    ["a method that the driver lacks", thrown({ code: "AUTH_SWITCH_PLUGIN_ERROR", fatal: true })],
    ["a full queue for connections", thrown({}, "Queue limit reached.")],
    ["whatever it was", new Error("something new")],
  ])("no connection because of %s", (_what, cause) => {
    expectUnavailable(new ConnectionError(cause));
  });

  it.each<[string, Error]>([
    ["was lost", thrown({ code: "PROTOCOL_CONNECTION_LOST", fatal: true })],
    ["was reset", thrown({ code: "ECONNRESET" })],
    ["broke in a way of its own", thrown({ code: "EHOSTDOWN", fatal: true })],
    ["was closed before", thrown({}, "Can't add new command when connection is in closed state")],
  ])("a connection that %s", (_what, error) => {
    expectUnavailable(error);
    expectUnavailable(wrapped(error));
  });

  it("a missed deadline", () => {
    expectUnavailable(new DeadlineError("late"));
  });

  it("and of several hosts the next one is tried when one did not take the connection", () => {
    expect(isRefused(new ConnectionError(thrown({ code: "ECONNREFUSED" })))).toBe(true);
    expect(isRefused(new ConnectionError(said(1045, "28000")))).toBe(false);
  });
});

describe("what our own statements or program cause stays a defect", () => {
  it.each<[string, number, string]>([
    ["a value that is not allowed to be missing", 1048, "23000"],
    ["an unexpected duplicate", 1062, "23000"],
    ["a syntax error", 1064, "42000"],
    ["the wrong number of columns", 1136, "21S01"],
    ["a number out of range", 1264, "22003"],
    ["an unknown function", 1305, "42000"],
    ["a column without a value", 1364, "HY000"],
    ["a value that is none of its type", 1366, "HY000"],
    ["a text that is too long", 1406, "22001"],
    ["a row that nothing refers to", 1452, "23000"],
  ])("%s (%i)", (_what, errno, sqlState) => {
    expectDefect(said(errno, sqlState));
    expectDefect(wrapped(said(errno, sqlState)));
  });

  it.each([
    "SQLITE_CONSTRAINT_NOTNULL",
    "SQLITE_CONSTRAINT_FOREIGNKEY",
    "SQLITE_MISMATCH",
    "SQLITE_RANGE",
    "SQLITE_MISUSE",
    "SQLITE_TOOBIG",
  ])("%s", (code) => {
    expectDefect(sqlite(code));
  });

  it("SQLite's syntax error", () => {
    expectDefect(sqlite("SQLITE_ERROR", 'near "SELCT": syntax error'));
  });

  it.each<[string, unknown]>([
    ["a type error", new TypeError("x is not a function")],
    ["an error of Node's that is none of a connection", thrown({ code: "ENOENT", errno: -2 })],
    ["an error of TypeORM's own", Object.assign(new Error("QueryRunner was released"), { code: undefined })],
    ["what is no error", "text"],
    ["nothing", undefined],
  ])("%s", (_what, error) => {
    expectDefect(error);
  });
});
