import { execFile, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { createClient } from "@redis/client";
import { post, register } from "./account.mjs";
import { CLI, environment, startGateway } from "./server-process.mjs";

const REDIS = process.env.BENCH_REDIS_URL ?? "redis://127.0.0.1:6379";

/** Many at once at both nodes, which keeps both of them looking; and one after another, all at one of them. */
const STORM = { what: "1000 logouts × 10 verifiers", logouts: 1_000, lanes: 10 };
const CALM = { what: "200 one after another × 10 verifiers", logouts: 200, lanes: 1 };
/** Verifiers in each process; they follow one node and the other by turns. */
const PROCESSES = [4, 3, 3];

/**
 * Logs out over and over at one of two nodes on one database, and has verifiers in other processes say when each of
 * them refused the token. Times are milliseconds from the answer to the logout. As it is, and then with a Redis that the
 * nodes nudge each other through, where one is at hand.
 */
export async function measureLogouts({ url }) {
  const rows = [await measure(url, STORM, {}), await measure(url, CALM, {})];
  if (await hasRedis()) {
    const nudging = { REDIS_URL: REDIS };
    rows.push(await measure(url, STORM, nudging, ", Redis"), await measure(url, CALM, nudging, ", Redis"));
  }
  return rows;
}

async function hasRedis() {
  const client = createClient({ url: REDIS, socket: { reconnectStrategy: false, connectTimeout: 2_000 } });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    console.log(`Redis is left out: nobody answers (${error.code ?? error.message}).\n`);
    return false;
  } finally {
    client.destroy();
  }
}

async function measure(databaseUrl, { what, logouts, lanes }, nudging, suffix = "") {
  const settings = { USER_TOKEN_LIMIT: "10000", ...nudging };
  const nodes = [
    await startGateway({ databaseUrl, settings }),
    await startGateway({ databaseUrl, settings }),
  ];
  const client = await makeClient(databaseUrl);
  const watchers = await Promise.all(PROCESSES.map((count, at) => startWatcher(count, at, nodes, client)));
  const owner = await register(nodes[0].url, `logouts-${randomUUID().slice(0, 8)}`);
  const delays = [];
  let left = logouts;
  const lane = async (_, at) => {
    while (left-- > 0) delays.push(...(await logOutOnce(nodes[at % 2].url, owner, watchers)));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  for (const watcher of watchers) watcher.stop();
  for (const node of nodes) await node.stop();
  delays.sort((a, b) => a - b);
  const at = (part) => delays[Math.min(Math.floor(delays.length * part), delays.length - 1)].toFixed(0);
  return [what + suffix, at(0.5), at(0.99), at(1)];
}

/** Answers how many ms after its logout was answered each verifier refused a token; 0 for before. */
async function logOutOnce(graphql, owner, watchers) {
  const create = `mutation { createUserToken(input: {note: "bench"}) { token } }`;
  const { token } = (await ask(graphql, create, owner)).createUserToken;
  const { privilege } = (await ask(graphql, "{ privilegeToken { privilege } }", token)).privilegeToken;
  const watched = await Promise.all(watchers.map((watcher) => watcher.watch(privilege)));
  await ask(graphql, "mutation { logout { success } }", token);
  const answeredAt = Number(process.hrtime.bigint()) / 1e6;
  const refused = await Promise.all(watched.map(({ refusedAt }) => refusedAt));
  return refused.flat().map((instant) => Math.max(0, instant - answeredAt));
}

async function ask(graphql, query, token) {
  const { data, errors } = await post(graphql, JSON.stringify({ query }), {
    authorization: `Bearer ${token}`,
  });
  if (errors) throw new Error(errors[0].message);
  return data;
}

async function makeClient(databaseUrl) {
  const options = { env: environment(databaseUrl) };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [CLI, "clients", "create", "bench", "--json"],
    options,
  );
  const { id, secret } = JSON.parse(stdout);
  return { id, secret };
}

async function startWatcher(count, at, nodes, client) {
  const gateways = Array.from({ length: count }, (_, index) => new URL(nodes[(at + index) % 2].url).origin);
  const env = {
    PATH: process.env.PATH,
    VERIFIERS: JSON.stringify({ issuer: environment("").ISSUER, client, gateways }),
  };
  const child = fork(join(import.meta.dirname, "verifiers-process.mjs"), { env });
  const waiting = new Map();
  await new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`a process of verifiers ended with ${code}`)));
    child.on("message", (message) => {
      if (message.ready) resolve();
      else waiting.get(message.token)?.(message);
    });
  });
  /** Resolves once every verifier has accepted the token; `refusedAt`, when each has refused it. */
  const watch = (token) =>
    new Promise((resolve, reject) => {
      let tellRefused;
      const refusedAt = new Promise((done) => (tellRefused = done));
      waiting.set(token, (message) => {
        if (message.refusedAt) {
          waiting.delete(token);
          tellRefused(message.refusedAt);
        } else if (message.accepted) resolve({ refusedAt });
        else reject(new Error(`a living token was refused: ${message.code}`));
      });
      child.send({ token });
    });
  return { watch, stop: () => child.kill() };
}
