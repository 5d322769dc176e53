import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt, generateKeyPair, SignJWT } from "jose";
import {
  bearer,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  type GraphqlAnswer,
  type SignedIn,
} from "../../support/client.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { startGateway, type RunningGateway } from "../../support/gateway.js";
import { ask, expectRefusal } from "../../support/answers.js";
import { referenceTo, resolveReferences } from "../../support/references.js";
import { startProxy, type CuttableProxy } from "../../support/cuttable-proxy.js";

const suite = (create: () => Promise<TestDatabase>) => {
  let database: TestDatabase;
  let proxy: CuttableProxy;
  let gateway: RunningGateway;
  let user: SignedIn;

  beforeAll(async () => {
    database = await create();
    proxy = await startProxy(database.url);
    gateway = await startGateway({ DATABASE_URL: proxy.url, USERNAME_VISIBILITY: "public" });
    user = await registerUser(gateway.graphql);
    await proxy.cut();
  });

  afterAll(async () => {
    await gateway.stop();
    await proxy.cut();
    await database.drop();
  });

  const busy = ({ status, headers, code, errors }: GraphqlAnswer) => ({
    status,
    code,
    header: headers.get("retry-after"),
    extension: errors[0]?.extensions.retryAfter,
  });
  const BUSY = { status: 503, code: "SERVICE_UNAVAILABLE", header: "1", extension: 1 };

  it("a token that cannot be checked is refused before execution: 503 with Retry-After", async () => {
    const answer = await send(gateway.graphql, "{ me { id } }", {}, bearer(user.token));
    expect(busy(answer)).toEqual(BUSY);
    expect(answer.data).toBeUndefined();
  });

  it("a session cookie that cannot be checked is 503, and is not cleared", async () => {
    const cookie = { cookie: `latchkey_session=${user.token}` };
    const answers = [
      await send(gateway.graphql, "{ me { id } }", {}, cookie),
      await ask(`${gateway.url}/security/privilegeToken`, { headers: cookie }),
      await ask(`${gateway.url}/verify/x`, { headers: cookie }),
    ];
    for (const { status, headers } of answers)
      expect([status, headers.get("set-cookie")]).toEqual([503, null]);
  });

  it("what is found while executing is 503 with Retry-After too", async () => {
    const login = `mutation { login(input: {userid: "${user.username}", password: "${PASSWORD}"}) { token } }`;
    const answer = await send(gateway.graphql, login);
    expect(busy(answer)).toEqual(BUSY);
    expect([answer.data, answer.errors[0]?.path]).toEqual([null, ["login"]]);
  });

  it("references that cannot be looked up are 503 with Retry-After", async () => {
    const ids = ["00000000-0000-4000-8000-000000000000", user.id];
    const answer = await resolveReferences(gateway.graphql, ids.map(referenceTo));
    expect(busy(answer)).toEqual(BUSY);
    expect(answer.data).toEqual({ _entities: [null, null] });
  });

  it("the gateway says that it lives and is not ready", async () => {
    expect((await ask(`${gateway.url}/healthz`)).status).toBe(200);
    const ready = await ask(`${gateway.url}/readyz`);
    expectRefusal(ready, 503, "SERVICE_UNAVAILABLE");
    expect(ready.headers.get("retry-after")).toBe("1");
  });

  it("what needs no database is still served", async () => {
    expect((await send(gateway.graphql, "{ me { id } }")).data).toEqual({ me: null });
    expect(await tokenStatusOf(gateway.graphql, bearer("no.such.token"))).toBe("INVALID_CREDENTIAL");
    // What an unknown key signed is looked up nowhere, however old the keys in memory are.
    const { privateKey } = await generateKeyPair("ES256");
    const unknown = new SignJWT(decodeJwt(user.token));
    unknown.setProtectedHeader({ alg: "ES256", typ: "user+jwt", kid: "unknown" });
    await sleep(1_100);
    expect(await tokenStatusOf(gateway.graphql, bearer(await unknown.sign(privateKey)))).toBe(
      "INVALID_CREDENTIAL",
    );
    expect((await ask(`${gateway.url}/.well-known/jwks.json`)).status).toBe(200);
  });

  it("the log says why, as a warning, and tells no values", () => {
    expect(gateway.output.log).toMatch(/"level":"warn".*ECONNREFUSED/);
    expect(gateway.output.log).not.toContain('"level":"error"');
    for (const secret of [user.token, user.username, PASSWORD])
      expect(gateway.output.log).not.toContain(secret);
  });

  /** Last: it mends what the others need broken. */
  it("it recovers by itself", async () => {
    await proxy.mend();
    // The first request already: there is no waiting time for a database that is back.
    expect(await tokenStatusOf(gateway.graphql, bearer(user.token))).toBe("ok");
    expect((await ask(`${gateway.url}/readyz`)).status).toBe(200);
  });
};

onEachDatabase("a database that is gone", suite, ["mariadb", "mysql"]);
