/** The properties of an error that tell its cause. */
interface Marks {
  code: string;
  errno: number | undefined;
  sqlState: string | undefined;
  message: string;
}

/**
 * Classes of SQLSTATE (the first two characters) that only the statement and its values can cause: 07 the number of
 * parameters, 21 the number of columns or rows, 22 a value that does not fit, 23 a key or a constraint.
 *
 * Class 42 is not among them. It is called "syntax error or access rule violation", and servers use 42000 for both: for a
 * statement that cannot be parsed, and for a right that was revoked, a database that is gone, or a limit of the account.
 * HY000 is the general error and has no meaning of its own. So for these two the number decides.
 */
const OWN_CLASSES = new Set(["07", "21", "22", "23"]);

/** The numbers of class 42, HY000 and 01000 that concern a statement, the same in MariaDB and MySQL. */
const OWN_NUMBERS = new Set([
  1055, // ER_WRONG_FIELD_WITH_GROUP
  1064, // ER_PARSE_ERROR
  1065, // ER_EMPTY_QUERY
  1066, // ER_NONUNIQ_TABLE
  1140, // ER_MIX_OF_GROUP_FUNC_AND_FIELDS
  1149, // ER_SYNTAX_ERROR
  1210, // ER_WRONG_ARGUMENTS
  1235, // ER_NOT_SUPPORTED_YET
  1265, // WARN_DATA_TRUNCATED
  1267, // ER_CANT_AGGREGATE_2COLLATIONS
  1270, // ER_CANT_AGGREGATE_3COLLATIONS
  1271, // ER_CANT_AGGREGATE_NCOLLATIONS
  1295, // ER_UNSUPPORTED_PS
  1305, // ER_SP_DOES_NOT_EXIST: also an unknown function
  1364, // ER_NO_DEFAULT_FOR_FIELD
  1366, // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD
  1390, // ER_PS_MANY_PARAM
  1411, // ER_WRONG_VALUE_FOR_TYPE
  1525, // ER_WRONG_VALUE
  1582, // ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT
]);

/** SQLite's result codes for the same, extended codes included. All other codes concern the file or the machine. */
const OWN_SQLITE = /^SQLITE_(?:ERROR|CONSTRAINT|MISMATCH|RANGE|MISUSE|TOOBIG)/;

/** SQLite has one code, SQLITE_ERROR, for all errors of a statement. Only the message tells that a table or column is missing. */
const LACKING_SCHEMA = /^no such (?:table|column)|has no column named/;

/**
 * Whether our own statement caused the error, because the statement or its values are wrong. Every other error is the
 * database's: the same statement may succeed at another time.
 *
 * A missing table or column (SQLSTATE 42S02, 42S22) also counts as the database's error. Every statement is tested on the
 * schema that the migrations create. So if the schema differs, somebody is changing it.
 */
export function isOwnFault({ code, errno, sqlState, message }: Marks): boolean {
  if (code.startsWith("SQLITE_")) return OWN_SQLITE.test(code) && !LACKING_SCHEMA.test(message);
  if (sqlState === undefined || errno === undefined) return false;
  return OWN_CLASSES.has(sqlState.slice(0, 2)) || OWN_NUMBERS.has(errno);
}
