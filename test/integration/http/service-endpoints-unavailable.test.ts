import { makeClient, type ServiceClient } from "../../support/service-client.js";
import { bearer, tokenStatusOf } from "../../support/client.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { ask, expectRefusal, post } from "../../support/answers.js";
import { startProxy, type CuttableProxy } from "../../support/cuttable-proxy.js";
import { openEndpoints, postForm, type Endpoints } from "../../support/service-endpoints.js";
import { APOLLO_ROUTER_REQUEST, HIVE_ROUTER_REQUEST } from "../../support/router-messages.js";

const suite = (create: () => Promise<TestDatabase>) => {
  let endpoints: Endpoints;
  let proxy: CuttableProxy;
  let client: ServiceClient;

  beforeAll(async () => {
    const database = await create();
    proxy = await startProxy(database.url);
    endpoints = await openEndpoints(database, { DATABASE_URL: proxy.url, COPROCESSOR: "on" });
    client = await makeClient({ ...endpoints.settings, DATABASE_URL: database.url });
    await proxy.cut();
  });

  afterAll(async () => {
    await endpoints.gateway.stop();
    await proxy.cut();
    await endpoints.database.drop();
  });

  const UNAVAILABLE = { error: "temporarily_unavailable" };

  it.each(["/introspect", "/revoke"])("%s is 503 with Retry-After, in OAuth's shape", async (path) => {
    const { authorization } = client.headers;
    const { status, headers, text } = await postForm(
      `${endpoints.url}${path}`,
      { token: endpoints.ann.token },
      { authorization },
    );
    expect([status, headers.get("retry-after"), JSON.parse(text)]).toEqual([503, "1", UNAVAILABLE]);
  });

  it("/verify is 503 with Retry-After, and lets nobody through", async () => {
    const answer = await ask(`${endpoints.url}/verify`, { headers: bearer(endpoints.ann.token) });
    expectRefusal(answer, 503, "SERVICE_UNAVAILABLE");
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.headers.get("x-user-id")).toBeNull();
  });

  it.each([
    ["Apollo", APOLLO_ROUTER_REQUEST],
    ["Hive", HIVE_ROUTER_REQUEST],
  ])("the %s Router is told to answer 503 with Retry-After", async (_name, message) => {
    const headers = { ...message.headers, authorization: [`Bearer ${endpoints.ann.token}`] };
    const { status, text } = await ask(
      `${endpoints.url}/coprocessor`,
      post(JSON.stringify({ ...message, headers })),
    );
    expect(status).toBe(200);
    const answer = JSON.parse(text);
    expect([answer.control, answer.headers["retry-after"]]).toEqual([{ break: 503 }, ["1"]]);
    expect(JSON.parse(answer.body).errors[0].extensions.code).toBe("SERVICE_UNAVAILABLE");
  });

  it("what needs no row is still answered", async () => {
    const unknown = await postForm(`${endpoints.url}/introspect`, { token: "x" });
    expect(unknown.status).toBe(401);
    expect((await postForm(`${endpoints.url}/revoke`, { token: "a.b.c" })).status).toBe(200);
    expect((await ask(`${endpoints.url}/verify`)).status).toBe(401);
    expect((await ask(`${endpoints.url}/verify`, { headers: bearer("a.b.c") })).status).toBe(401);
    expect((await ask(`${endpoints.url}/.well-known/latchkey`)).status).toBe(200);
    const { text } = await ask(`${endpoints.url}/coprocessor`, post(JSON.stringify(APOLLO_ROUTER_REQUEST)));
    expect(JSON.parse(text).control).toBe("continue");
  });

  /** Last: it mends what the others need broken. */
  it("they recover by themselves, and nothing was revoked meanwhile", async () => {
    await proxy.mend();
    expect(await tokenStatusOf(endpoints.graphql, bearer(endpoints.ann.token))).toBe("ok");
    const { authorization } = client.headers;
    const { text } = await postForm(
      `${endpoints.url}/introspect`,
      { token: endpoints.ann.token },
      { authorization },
    );
    expect(JSON.parse(text)).toMatchObject({ active: true });
  });
};

onEachDatabase("the service endpoints, while the database is gone,", suite, ["mariadb", "mysql"]);
