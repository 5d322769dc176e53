import { randomBytes } from "node:crypto";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import mysql from "mysql2/promise";
import { temporaryFolder } from "./gateway.js";

/** A database of one test suite's own. */
export interface TestDatabase {
  kind: "sqlite" | "mariadb" | "mysql";
  /** DATABASE_URL */
  url: string;
  /** Looks straight into it, or changes it behind the gateway's back. `?` marks values. */
  query(sql: string, values?: (string | number | null)[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

interface Server {
  kind: TestDatabase["kind"];
  /** Null when it cannot be used here, with the reason. */
  create: (() => Promise<TestDatabase>) | null;
  reason: string;
}

const required = (process.env.TEST_REQUIRE ?? "").split(",").filter(Boolean);

const servers: Server[] = [
  { kind: "sqlite", create: createSqlite, reason: "" },
  await mysqlServer("mariadb", process.env.TEST_MARIADB_URL ?? "mysql://root@127.0.0.1:3306"),
  await mysqlServer("mysql", process.env.TEST_MYSQL_URL),
];

for (const { kind, create, reason } of servers) {
  if (create) continue;
  // What must be there and is not is a failure, never a silent skip.
  if (required.includes(kind)) throw new Error(`TEST_REQUIRE names ${kind}: ${reason}`);
  process.stderr.write(`tests on ${kind} are skipped: ${reason}\n`);
}

/** The same suite, unchanged, once on every kind of database (or every kind named) that is at hand. */
export function onEachDatabase(
  title: string,
  suite: (create: () => Promise<TestDatabase>) => void,
  kinds: readonly TestDatabase["kind"][] = ["sqlite", "mariadb", "mysql"],
): void {
  for (const { kind, create } of servers) {
    if (!create || !kinds.includes(kind)) continue;
    describe(`${title} on ${kind}`, () => {
      suite(create);
    });
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

async function mysqlServer(kind: "mariadb" | "mysql", base: string | undefined): Promise<Server> {
  if (!base) return { kind, create: null, reason: `set TEST_${kind.toUpperCase()}_URL to a server` };
  try {
    const connection = await mysql.createConnection({ uri: base, connectTimeout: 2_000 });
    const [rows] = await connection.query("SELECT VERSION() AS version");
    await connection.end();
    const isMaria = /mariadb/i.test((rows as { version: string }[])[0]?.version ?? "");
    if (isMaria !== (kind === "mariadb"))
      return { kind, create: null, reason: "the server is of the other kind" };
  } catch (error) {
    return { kind, create: null, reason: `no server answers (${(error as { code?: string }).code ?? "?"})` };
  }
  return { kind, create: () => createMysql(kind, base), reason: "" };
}

async function createMysql(kind: "mariadb" | "mysql", base: string): Promise<TestDatabase> {
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
