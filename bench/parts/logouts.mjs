import { execFile, fork } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { post, register } from "./account.mjs";
import { CLI, environment, startGateway } from "./server-process.mjs";

const LOGOUTS = 1_000;
const LANES = 10;
/** Verifiers in each process; they follow one node and the other by turns. */
const PROCESSES = [4, 3, 3];

/**
 * Logs out over and over at one of two nodes on one database, and has verifiers in other processes say when each of
 * them refused the token. Times are milliseconds from the answer to the logout.
 */
export async function measureLogouts({ url: databaseUrl }) {
  const settings = { USER_TOKEN_LIMIT: "10000" };
  const nodes = [
    await startGateway({ databaseUrl, settings }),
    await startGateway({ databaseUrl, settings }),
  ];
  const client = await makeClient(databaseUrl);
  const watchers = await Promise.all(PROCESSES.map((count, at) => startWatcher(count, at, nodes, client)));
  const owner = await register(nodes[0].url, "logouts");
  const delays = [];
  let left = LOGOUTS;
  const lane = async (_, at) => {
    while (left-- > 0) delays.push(...(await logOutOnce(nodes[at % 2].url, owner, watchers)));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  for (const watcher of watchers) watcher.stop();
  for (const node of nodes) await node.stop();
  delays.sort((a, b) => a - b);
  const at = (part) => delays[Math.min(Math.floor(delays.length * part), delays.length - 1)].toFixed(0);
  return [[`${LOGOUTS} logouts × 10 verifiers`, at(0.5), at(0.99), at(1)]];
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
