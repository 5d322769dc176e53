import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import mysql from "mysql2/promise";
import { freePort } from "./free-port.js";
import { temporaryFolder } from "./gateway.js";
import { skipUnlessRequired } from "./required.js";

const environment = { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/usr/local/sbin` };
const found = ["mariadbd", "mariadb-install-db"].every(
  (program) => spawnSync(program, ["--version"], { env: environment }).error === undefined,
);

if (!found) skipUnlessRequired("mariadbd", "with a MariaDB server of their own", "there is no mariadbd");

/** A suite that changes what a whole server shares: settings and accounts. Skipped, with a word, where there is no server to start. */
export const describeWithMariadb = found ? describe : describe.skip;

/** A MariaDB server of one suite's own. */
export interface OwnMariadb {
  /** DATABASE_URL of a database; as root without a password unless an account is named. */
  url(database: string, account?: { user: string; password: string }): string;
  /** As root, which may do everything. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Ends every connection but its own: what comes next needs new ones. */
  endConnections(): Promise<void>;
  /** Where the plugins are that it may load. */
  hasPlugin(name: string): Promise<boolean>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** Small: it is there for a few tables, and several may run at once. */
const FRUGAL = [
  "--innodb-buffer-pool-size=16M",
  "--innodb-log-file-size=8M",
  "--key-buffer-size=1M",
  "--aria-pagecache-buffer-size=1M",
  "--performance-schema=OFF",
  "--skip-name-resolve",
];

/** Starts a server on a free port, with these options as on its command line; resolves when it answers. */
export async function startMariadb(...options: string[]): Promise<OwnMariadb> {
  const folder = temporaryFolder();
  const data = join(folder.path, "data");
  const own = ["--no-defaults", `--user=${userInfo().username}`, `--datadir=${data}`];
  const made = spawnSync(
    "mariadb-install-db",
    [...own, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"],
    { env: environment, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`mariadb-install-db: ${made.stdout}${made.stderr}`);
  const port = await freePort();
  const place = [`--port=${port}`, "--bind-address=127.0.0.1", `--socket=${join(folder.path, "s")}`];
  const files = [`--pid-file=${join(data, "pid")}`, `--log-error=${join(folder.path, "log")}`];
  const server = spawn("mariadbd", [...own, ...place, ...files, ...FRUGAL, ...options], {
    env: environment,
    stdio: "ignore",
  });
  const exited = new Promise<void>((resolve) => server.on("close", () => resolve()));
  const root = { host: "127.0.0.1", port, user: "root" };
  while (!(await answers(root))) {
    if (server.exitCode !== null) throw new Error(`mariadbd ended with ${server.exitCode}`);
    await sleep(50);
  }
  const connection = await mysql.createConnection(root);
  const query = async (sql: string) => {
    const [rows] = await connection.query(sql);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  };
  return {
    url: (database, { user, password } = { user: "root", password: "" }) =>
      `mysql://${user}${password && `:${password}`}@127.0.0.1:${port}/${database}`,
    query,
    endConnections: async () => {
      const list = "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID()";
      for (const { id } of await query(list)) await query(`KILL ${Number(id)}`).catch(() => []);
    },
    hasPlugin: async (name) => {
      const [row] = await query("SELECT @@plugin_dir AS folder");
      return existsSync(join(String(row?.folder), name));
    },
    stop: async () => {
      connection.destroy();
      server.kill("SIGKILL");
      await exited;
      folder.remove();
    },
  };
}

async function answers(server: { host: string; port: number; user: string }): Promise<boolean> {
  const connection = await mysql.createConnection(server).catch(() => null);
  await connection?.end();
  return connection !== null;
}
