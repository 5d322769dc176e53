import { JSON_HEADERS, register } from "./account.mjs";
import { withSqlite } from "./databases.mjs";
import { cpuMicroseconds, startGateway } from "./server-process.mjs";
import { load } from "./wrk.mjs";

const ROUNDS = 5;
const SERVER_CPU = 0;
const LOAD_CPU = 1;

const graphql = (query) => ({ path: "/graphql", headers: JSON_HEADERS, body: JSON.stringify({ query }) });

/** The same operation by each way; the first is what the others are compared with. */
const OPERATIONS = [
  [
    {
      name: "`mutation { bumpLogin { lastLoginTime } }`",
      ...graphql("mutation { bumpLogin { lastLoginTime } }"),
    },
    { name: "`POST /auth/bump`", path: "/auth/bump" },
  ],
  [
    { name: "`{ privilegeToken { privilege } }`", ...graphql("{ privilegeToken { privilege } }") },
    { name: "`GET /security/privilegeToken`", path: "/security/privilegeToken", method: "GET" },
  ],
];

/**
 * Measures each operation through GraphQL and through a dialect, in interleaved rounds; a row each, medians.
 * The machine drifts: a ratio is the median of the ratios of the rounds, each of two loads that followed each other.
 */
export function measureDialects(seconds) {
  return withSqlite(async (databaseUrl) => {
    const gateway = await startGateway({ databaseUrl, cpu: SERVER_CPU });
    try {
      const token = await register(gateway.url, "bench");
      const rows = [];
      for (const ways of OPERATIONS) rows.push(...(await compare(gateway, token, ways, seconds)));
      return rows;
    } finally {
      await gateway.stop();
    }
  });
}

async function compare(gateway, token, ways, seconds) {
  for (const way of ways) await round(gateway, token, way, 2);
  const rounds = ways.map(() => []);
  for (let at = 0; at < ROUNDS; at++) {
    // Each goes first every other time.
    const order = at % 2 === 0 ? ways : ways.toReversed();
    for (const way of order) rounds[ways.indexOf(way)].push(await round(gateway, token, way, seconds));
  }
  return ways.map(({ name }, at) => row(name, rounds[at], rounds[0]));
}

async function round({ url, pid }, token, { name, path, headers, body, method }, seconds) {
  const before = cpuMicroseconds(pid);
  const { rate, requests, failed } = await load({
    url: new URL(path, url).href,
    method,
    headers: { ...headers, authorization: `Bearer ${token}` },
    body,
    connections: 50,
    seconds,
    cpu: LOAD_CPU,
  });
  if (failed > 0) throw new Error(`${name}: ${failed} requests failed`);
  return { rate, cpu: (cpuMicroseconds(pid) - before) / requests };
}

function row(name, rounds, base) {
  const of = (key) => median(rounds.map((each) => each[key]));
  const ratio = (key) => median(rounds.map((each, at) => each[key] / base[at][key]));
  return [
    name,
    of("rate").toFixed(0),
    ratio("rate").toFixed(2),
    of("cpu").toFixed(1),
    ratio("cpu").toFixed(2),
  ];
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
