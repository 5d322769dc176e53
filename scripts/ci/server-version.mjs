/**
 * Prints the version of the MySQL or MariaDB server at 127.0.0.1:PORT, as root without a password. Fails if there is
 * no such server.
 *
 *   node scripts/ci/server-version.mjs PORT
 */
import mysql from "mysql2/promise";

const connection = await mysql.createConnection({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  user: "root",
  connectTimeout: 2_000,
});
const [[row]] = await connection.query("SELECT VERSION() AS version");
console.log(row.version);
await connection.end();
