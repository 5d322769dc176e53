import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mysql from "mysql2/promise";

const MARIADB = process.env.BENCH_MARIADB_URL ?? "mysql://root@127.0.0.1:3306";

/** Makes an empty database of each kind that is at hand, runs the work, and removes them. */
export async function withDatabases(work) {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-bench-"));
  const maria = await createMariadb();
  try {
    await work([{ name: "SQLite", url: `sqlite:${join(folder, "me.sqlite")}` }, ...(maria ? [maria] : [])]);
  } finally {
    rmSync(folder, { recursive: true });
    await maria?.drop();
  }
}

/** An SQLite database of the caller's own. */
export async function withSqlite(work) {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-bench-"));
  try {
    return await work(`sqlite:${join(folder, "bench.sqlite")}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function createMariadb() {
  const name = `latchkey_bench_${process.pid}`;
  try {
    const server = await mysql.createConnection({ uri: MARIADB, connectTimeout: 2_000 });
    await server.query(`CREATE DATABASE ${name}`);
    const drop = async () => {
      await server.query(`DROP DATABASE ${name}`);
      await server.end();
    };
    const url = new URL(MARIADB);
    url.pathname = `/${name}`;
    return { name: "MariaDB", url: url.href, drop };
  } catch (error) {
    console.log(`MariaDB is left out: no server to make a database on (${error.code ?? error.message}).\n`);
    return null;
  }
}
