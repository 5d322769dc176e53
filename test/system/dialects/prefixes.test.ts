import type { DialectName } from "../../../src/config/dialect-schemas.js";
import { startOwnGateway } from "../../support/own-gateway.js";
import { basic, bearer, PASSWORD, registerUser } from "../../support/client.js";
import { call } from "../../support/rest/call.js";
import { documentOf, isServed, LINES, linesIn, NAMES, probe } from "../../support/rest/requests.js";
import { BASIC_CHALLENGE } from "../../support/rest/shapes.js";

type Prefixes = Partial<Record<DialectName, string>>;

const setting = (prefixes: Prefixes) =>
  Object.entries(prefixes)
    .map(([name, prefix]) => `${name}=${prefix}`)
    .join(",");

const linesOf = (name: DialectName, { [name]: prefix = "" }: Prefixes) =>
  LINES[name].map((line) => line.replace(" ", ` ${prefix}`));

async function withPrefixes(prefixes: Prefixes, ask: (url: string, graphql: string) => Promise<void>) {
  const gateway = await startOwnGateway({ DIALECT_PREFIXES: setting(prefixes) || undefined });
  try {
    await ask(gateway.url, gateway.graphql);
  } finally {
    await gateway.close();
  }
}

const answers: Partial<Record<DialectName, unknown[]>> = {};

beforeAll(async () => {
  await withPrefixes({}, async (url) => {
    for (const name of NAMES) answers[name] = await probe(url, name);
  });
});

/** Those that have moved, and those that they may have shared a path with. */
const concerned = (prefixes: Prefixes) =>
  NAMES.filter((name) =>
    LINES[name].some((line) =>
      Object.keys(prefixes).some((moved) => LINES[moved as DialectName].includes(line)),
    ),
  );

const CASES: [what: string, prefixes: Prefixes][] = [
  ...NAMES.map((name): [string, Prefixes] => [`${name} has one`, { [name]: "/legacy" }]),
  ["all have one of their own", Object.fromEntries(NAMES.map((name, index) => [name, `/v${index}`]))],
  ["all have the same", Object.fromEntries(NAMES.map((name) => [name, "/api/v1"]))],
  ["two that share paths move together", { "usertoken-bearer": "/a/b-c/D_1", "userid-jwt": "/a/b-c/D_1" }],
  ["one looks like a path of our own", { webitel: "/graphql", ctoregistry: "/openapi" }],
];

describe("paths under a prefix", () => {
  it.each(CASES)("%s: each is served there and nowhere else, as before", async (_what, prefixes) => {
    await withPrefixes(prefixes, async (url) => {
      const served = new Set(NAMES.flatMap((name) => linesOf(name, prefixes)));
      const possible = new Set([...served, ...Object.values(LINES).flat()]);
      for (const line of possible)
        expect([line, await isServed(url, line)]).toEqual([line, served.has(line)]);
      for (const name of concerned(prefixes)) {
        expect([name, await probe(url, name, prefixes[name])]).toEqual([name, answers[name]]);
      }
      for (const name of NAMES) {
        expect(linesIn(await documentOf(url, name)).sort()).toEqual([...linesOf(name, prefixes)].sort());
        if (prefixes[name])
          expect((await call(url, `GET ${prefixes[name]}/openapi/${name}.json`)).status).toBe(404);
      }
    });
  });

  it("dialects that no longer share a path are not told apart there", async () => {
    await withPrefixes({ "userid-jwt": "/v3" }, async (url, graphql) => {
      const { username: userid, token } = await registerUser(graphql);
      const json = await call(url, "POST /auth/login", {}, { userid, password: PASSWORD });
      expect([json.status, json.headers.get("www-authenticate")]).toEqual([401, BASIC_CHALLENGE]);
      const byBasic = await call(url, "POST /v3/auth/login", basic(userid, PASSWORD));
      expect([byBasic.status, byBasic.body.status]).toEqual([400, -1]);
      const out = await call(url, "POST /v3/auth/logout", bearer(token));
      expect(out.body).toEqual({ status: "success", message: "logout successfully" });
    });
  });
});
