/**
 * Prints, in one run on one machine: what the verifier package costs its host, what a verified request costs against
 * the bare floor, what the same operation costs through a REST dialect and through GraphQL, what a login costs against
 * the bare hash, what a storm of logins does to everybody else, and how soon verifiers refuse what was logged out. Only ratios of one run compare.
 *
 *   npm run bench                 all tables, about four minutes
 *   npm run bench -- --seconds 2  shorter rounds
 *
 * Needs wrk (Debian: apt install wrk). MariaDB is measured at BENCH_MARIADB_URL, by default
 * mysql://root@127.0.0.1:3306; without a server there its rows are left out, and said so. So is what Redis adds, which
 * is measured at BENCH_REDIS_URL, by default redis://127.0.0.1:6379.
 */
import { parseArgs } from "node:util";
import { withDatabases } from "./parts/databases.mjs";
import { measureDialects } from "./parts/dialects.mjs";
import { measureLogouts } from "./parts/logouts.mjs";
import { measureLogins } from "./parts/logins.mjs";
import { measureMe } from "./parts/me.mjs";
import { printTable } from "./parts/table.mjs";
import { measureRevocations, measureVerifier } from "./parts/verifier.mjs";
import { requireWrk } from "./parts/wrk.mjs";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "6" } } });
const seconds = Number(values.seconds);
if (!Number.isInteger(seconds) || seconds < 1 || seconds > 60) {
  console.error("--seconds takes a whole number from 1 to 60");
  process.exit(2);
}

requireWrk();
printTable("The verifier package, privilege tokens, one thread", [
  ["", "per second", "× bare"],
  ...(await measureVerifier()),
]);
printTable("What the verifier package knows, in memory, bytes each", [
  ["", "table", "heap and buffers", "RSS", "read in s"],
  ...(await measureRevocations()),
]);
await withDatabases(async (databases) => {
  printTable("`{ me { id username email role } }` with a bearer token, POST, 50 connections", [
    ["", "req/s", "× floor", "CPU µs/req", "× floor", "p50 ms", "p99 ms", "RSS MiB"],
    ...(await measureMe(databases, seconds)),
  ]);
  printTable(
    "The same operation through GraphQL and through a dialect, bearer token, 50 connections, SQLite",
    [["", "req/s", "÷ GraphQL", "CPU µs/req", "÷ GraphQL"], ...(await measureDialects(seconds))],
  );
  const mariadb = databases.find(({ name }) => name === "MariaDB");
  if (mariadb) {
    printTable("From a logout's answer to its refusal by verifiers in 3 processes, 2 nodes, MariaDB, ms", [
      ["", "p50", "p99", "longest"],
      ...(await measureLogouts(mariadb)),
    ]);
  }
  printTable("Logins, bcrypt cost 10, 10 in flight, SQLite", [
    ["", "per second", "× bare pool", "`me` p99 ms", "× calm", "`me` req/s", "× calm"],
    ...(await measureLogins(seconds)),
  ]);
});
