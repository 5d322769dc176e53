import { JSON_HEADERS, ME_BODY, post, register } from "./account.mjs";
import { cpuMicroseconds, rssMib, startFloor, startGateway } from "./server-process.mjs";
import { load } from "./wrk.mjs";

const ROUNDS = 3;
const SERVER_CPU = 0;
const LOAD_CPU = 1;

/** Measures the floor and the gateway on each database in interleaved rounds; a row each, medians. */
export async function measureMe(databases, seconds) {
  const contenders = [];
  for (const { name, url } of databases) {
    const gateway = await startGateway({ databaseUrl: url, cpu: SERVER_CPU });
    const token = await register(gateway.url, "bench");
    contenders.push({
      name: `Latchkey, ${name}`,
      server: gateway,
      headers: { authorization: `Bearer ${token}` },
      rounds: [],
    });
  }
  const [first] = contenders;
  const answer = JSON.stringify(await post(first.server.url, ME_BODY, first.headers));
  const floor = {
    name: "bare node:http, the same bytes",
    server: await startFloor({ answer, cpu: SERVER_CPU }),
    headers: {},
    rounds: [],
  };
  const all = [floor, ...contenders];
  for (const contender of all) await round(contender, 2);
  for (let at = 0; at < ROUNDS; at++) {
    for (const contender of all) contender.rounds.push(await round(contender, seconds));
  }
  for (const { server } of all) await server.stop();
  const base = medians(floor.rounds);
  return all.map(({ name, rounds }) => row(name, medians(rounds), base));
}

async function round({ name, server, headers }, seconds) {
  const before = cpuMicroseconds(server.pid);
  const result = await load({
    url: server.url,
    headers: { ...JSON_HEADERS, ...headers },
    body: ME_BODY,
    connections: 50,
    seconds,
    cpu: LOAD_CPU,
  });
  if (result.failed > 0) throw new Error(`${name}: ${result.failed} requests failed`);
  const cpu = (cpuMicroseconds(server.pid) - before) / result.requests;
  return { ...result, cpu, rss: rssMib(server.pid) };
}

function medians(rounds) {
  const median = (key) =>
    rounds.map((each) => each[key]).sort((a, b) => a - b)[Math.floor(rounds.length / 2)];
  return Object.fromEntries(["rate", "cpu", "p50", "p99", "rss"].map((key) => [key, median(key)]));
}

function row(name, { rate, cpu, p50, p99, rss }, base) {
  return [
    name,
    rate.toFixed(0),
    (rate / base.rate).toFixed(2),
    cpu.toFixed(1),
    (cpu / base.cpu).toFixed(2),
    p50.toFixed(1),
    p99.toFixed(1),
    rss.toFixed(0),
  ];
}
