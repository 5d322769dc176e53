import { randomBytes } from "node:crypto";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { temporaryFolder } from "./gateway.js";
import { failIfRequired } from "./required.js";

/** A database of one test suite's own. */
export interface TestDatabase {
  kind: "sqlite" | "mariadb" | "mysql";
  /** DATABASE_URL */
  url: string;
  /** Looks straight into it, or changes it behind the gateway's back. `?` marks values. */
  query(sql: string, values?: (string | number | null)[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

type Kind = TestDatabase["kind"];

/** What can be used here. A server that is named and does not answer, or is of the other kind, is a failure. */
const servers = new Map<Kind, () => Promise<TestDatabase>>([["sqlite", createSqlite]]);
for (const kind of ["mariadb", "mysql"] as const) {
  const base = process.env[`TEST_${kind.toUpperCase()}_URL`];
  if (base) servers.set(kind, await mysqlServer(kind, base));
}

for (const kind of ["mariadb", "mysql"] as const) {
  if (!servers.has(kind)) failIfRequired(kind, "no server is named");
}

/** The same suite, unchanged, once on every kind of database (or every kind named) that is at hand. */
export function onEachDatabase(
  title: string,
  suite: (create: () => Promise<TestDatabase>) => void,
  kinds: readonly Kind[] = ["sqlite", "mariadb", "mysql"],
): void {
  for (const kind of kinds) {
    const create = servers.get(kind);
    if (create) {
      describe(`${title} on ${kind}`, () => {
        suite(create);
      });
    } else {
      it.skip(`${title} on ${kind}: TEST_${kind.toUpperCase()}_URL is not set`, () => undefined);
    }
  }
}

async function createSqlite(): Promise<TestDatabase> {
  const folder = temporaryFolder();
  const path = join(folder.path, "latchkey.sqlite");
  return {
    kind: "sqlite",
    url: `sqlite:${path}`,
    query: async (sql, values = []) => {
      const handle = new BetterSqlite3(path, { timeout: 5_000 });
      try {
        const statement = handle.prepare(sql);
        return statement.reader
          ? (statement.all(...values) as Record<string, unknown>[])
          : (statement.run(...values), []);
      } finally {
        handle.close();
      }
    },
    drop: async () => {
      folder.remove();
    },
  };
}

/** Loaded only where a server is named: it takes a while, in each test file anew. */
async function driver() {
  return (await import("mysql2/promise")).default;
}

async function mysqlServer(kind: "mariadb" | "mysql", base: string): Promise<() => Promise<TestDatabase>> {
  const mysql = await driver();
  const connection = await mysql.createConnection({ uri: base, connectTimeout: 2_000 });
  const [rows] = await connection.query("SELECT VERSION() AS version");
  await connection.end();
  const isMaria = /mariadb/i.test((rows as { version: string }[])[0]?.version ?? "");
  if (isMaria !== (kind === "mariadb")) throw new Error(`the server named for ${kind} is of the other kind`);
  return () => createMysql(kind, base);
}

async function createMysql(kind: "mariadb" | "mysql", base: string): Promise<TestDatabase> {
  const mysql = await driver();
  const name = `latchkey_test_${randomBytes(6).toString("hex")}`;
  const pool = mysql.createPool({ uri: base, connectionLimit: 2 });
  await pool.query(`CREATE DATABASE \`${name}\``);
  const url = new URL(base);
  url.pathname = `/${name}`;
  const inside = mysql.createPool({ uri: url.href, connectionLimit: 2 });
  return {
    kind,
    url: url.href,
    query: async (sql, values = []) => {
      const [rows] = await inside.query(sql, values);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    },
    drop: async () => {
      await inside.end();
      await pool.query(`DROP DATABASE IF EXISTS \`${name}\``);
      await pool.end();
    },
  };
}
