import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import mysql, { type Connection } from "mysql2/promise";
import type { TestDatabase } from "./databases.js";
import { skipUnlessRequired } from "./required.js";

/** A database of one suite's own on a cluster of three nodes. */
export interface ClusterDatabase extends Pick<TestDatabase, "query" | "drop"> {
  /** DATABASE_URL for a gateway of each node: every host, that node's first. */
  urls: [string, string, string];
  /** Ends the server of the second or third node as a crash does, and resolves when its port is dead. */
  kill(node: 1 | 2): Promise<void>;
}

const base = process.env.TEST_GALERA_URL;
const hosts = base === undefined ? [] : hostsOf(base);
const problem = base === undefined ? "set TEST_GALERA_URL to a cluster of its own" : await problemOf(hosts);

if (problem !== null) skipUnlessRequired("galera", "on galera", problem);

/** The suite on a cluster of three nodes, where there is one. */
export function onGalera(title: string, suite: (create: () => Promise<ClusterDatabase>) => void): void {
  (problem === null ? describe : describe.skip)(`${title} on galera`, () => {
    suite(createOnCluster);
  });
}

/** A URL that names several hosts is none that `URL` can read. */
function hostsOf(url: string): string[] {
  const [, login, list] = /^(?:mysql|mariadb):\/\/([^@]*)@([^/]+)\/?$/.exec(url) ?? [];
  return (list ?? "").split(",").map((host) => `mysql://${login}@${host}`);
}

async function problemOf(nodes: readonly string[]): Promise<string | null> {
  if (nodes.length !== 3) return "TEST_GALERA_URL must name three hosts";
  try {
    for (const uri of nodes) {
      const node = await mysql.createConnection({ uri, connectTimeout: 2_000 });
      const state = await variable(node, "SHOW STATUS LIKE 'wsrep_local_state_comment'");
      await node.end();
      if (state !== "Synced") return "a node is not in step with a cluster";
    }
    return null;
  } catch (error) {
    return `a node does not answer (${(error as { code?: string }).code ?? "?"})`;
  }
}

async function variable(node: Connection, show: string): Promise<string> {
  const [rows] = await node.query(show);
  return (rows as { Value: string }[])[0]?.Value ?? "";
}

async function createOnCluster(): Promise<ClusterDatabase> {
  const name = `latchkey_test_${randomBytes(6).toString("hex")}`;
  const first = await mysql.createConnection(hosts[0]!);
  await first.query(`CREATE DATABASE \`${name}\``);
  await first.query(`USE \`${name}\``);
  await first.query("SET SESSION wsrep_sync_wait = 1");
  const addresses = hosts.map((host) => host.slice(host.indexOf("@") + 1));
  const login = hosts[0]!.slice(0, hosts[0]!.indexOf("@"));
  const from = (node: number) =>
    `${login}@${[...addresses.slice(node), ...addresses.slice(0, node)].join(",")}/${name}`;
  return {
    urls: [from(0), from(1), from(2)],
    query: async (sql, values = []) => {
      const [rows] = await first.query(sql, values);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    },
    kill: (node) => killServer(hosts[node]!),
    drop: async () => {
      await first.query(`DROP DATABASE IF EXISTS \`${name}\``);
      await first.end();
    },
  };
}

/** The server itself says who it is: nothing else is ended. */
async function killServer(uri: string): Promise<void> {
  const node = await mysql.createConnection(uri);
  const file = await variable(node, "SHOW VARIABLES LIKE 'pid_file'");
  node.on("error", () => undefined);
  process.kill(Number(await readFile(file, "utf8")), "SIGKILL");
  node.destroy();
  for (;;) {
    const again = await mysql.createConnection(uri).catch(() => null);
    if (!again) return;
    again.destroy();
    await sleep(50);
  }
}
