import { DeadlineError } from "../../src/db/deadline.js";
import { toUnavailable } from "../../src/db/driver-errors.js";

/** As a driver throws it, or as TypeORM wraps it. */
const thrown = (code: string, message = "") => Object.assign(new Error(message), { code });
const wrapped = (code: string, message = "") =>
  Object.assign(new Error("QueryFailedError"), { driverError: thrown(code, message) });

describe("toUnavailable", () => {
  it.each([
    "ECONNREFUSED",
    "PROTOCOL_CONNECTION_LOST",
    "ER_LOCK_DEADLOCK",
    "ER_LOCK_WAIT_TIMEOUT",
    "ER_CON_COUNT_ERROR",
    "ER_USER_LIMIT_REACHED",
    "ER_UNKNOWN_COM_ERROR",
    "ER_OPTION_PREVENTS_STATEMENT",
    "ER_NO_SUCH_TABLE",
    "SQLITE_BUSY",
    "SQLITE_BUSY_RECOVERY",
    "SQLITE_FULL",
    "SQLITE_IOERR_WRITE",
    "SQLITE_READONLY_DBMOVED",
    "SQLITE_CANTOPEN",
  ])("%s will pass: SERVICE_UNAVAILABLE", (code) => {
    for (const error of [thrown(code), wrapped(code)]) {
      expect(toUnavailable(error)).toMatchObject({
        code: "SERVICE_UNAVAILABLE",
        retryAfter: 1,
        cause: error,
      });
    }
  });

  it.each([
    [
      "a connection that closed between two statements",
      "Can't add new command when connection is in closed state",
    ],
    ["a full queue for connections", "Queue limit reached."],
  ])("so will %s, which has no code", (_what, message) => {
    expect(toUnavailable(new Error(message))).toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  });

  it("so will a missed deadline, and a schema that somebody is at work on", () => {
    expect(toUnavailable(new DeadlineError("late"))).toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    const missing = wrapped("SQLITE_ERROR", "no such column: t.ip");
    expect(toUnavailable(missing)).toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  });

  it.each([
    "ER_DUP_ENTRY",
    "ER_ACCESS_DENIED_ERROR",
    "ER_BAD_DB_ERROR",
    "ER_PARSE_ERROR",
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
  ])("%s will not: it stays what it is", (code) => {
    const error = wrapped(code);
    expect(toUnavailable(error)).toBe(error);
  });

  it("a syntax error of ours will not either", () => {
    const error = wrapped("SQLITE_ERROR", 'near "SELCT": syntax error');
    expect(toUnavailable(error)).toBe(error);
  });
});
