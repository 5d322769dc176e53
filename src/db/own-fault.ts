/** The marks of an error by which its cause is told. */
interface Marks {
  code: string;
  errno: number | undefined;
  sqlState: string | undefined;
  message: string;
}

/**
 * Classes of SQLSTATE (the first two characters) that only the statement and its values decide: 07 the number of
 * parameters, 21 the number of columns or rows, 22 a value that does not fit, 23 a key or a constraint.
 *
 * Class 42 is none of them. It is called "syntax error or access rule violation", and servers use 42000 for both: for a
 * statement that cannot be parsed as for a right that was revoked, a database that is gone, or a limit of the account.
 * HY000 says nothing at all. So in these two the number decides.
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

/** SQLite's result codes for the same; each stands for its extended codes too. All others are about the file or the machine. */
const OWN_SQLITE = /^SQLITE_(?:ERROR|CONSTRAINT|MISMATCH|RANGE|MISUSE|TOOBIG)/;

/** SQLite has one code, SQLITE_ERROR, for all that is wrong with a statement, and tells a schema that lacks something in words. */
const LACKING_SCHEMA = /^no such (?:table|column)|has no column named/;

/**
 * Whether a statement of ours caused the error: it is wrong in itself, or its values are. Everything else is the
 * database's: it could have carried the statement out and did not, and may at another time.
 *
 * A table or column that is missing (SQLSTATE 42S02, 42S22) is the database's, too. Every statement is tested on the
 * schema that the migrations make, so another schema is one that somebody is at work on.
 */
export function isOwnFault({ code, errno, sqlState, message }: Marks): boolean {
  if (code.startsWith("SQLITE_")) return OWN_SQLITE.test(code) && !LACKING_SCHEMA.test(message);
  if (sqlState === undefined || errno === undefined) return false;
  return OWN_CLASSES.has(sqlState.slice(0, 2)) || OWN_NUMBERS.has(errno);
}
