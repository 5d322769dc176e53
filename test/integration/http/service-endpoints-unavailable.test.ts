import { bearer, standingOf } from "../../support/client.js";
import { onEachDatabase } from "../../support/databases.js";
import type { TestDatabase } from "../../support/databases.js";
import { ask, expectRefusal, post } from "../../support/answers.js";
import { startProxy } from "../../support/cuttable-proxy.js";
import type { CuttableProxy } from "../../support/cuttable-proxy.js";
import { makeClient, openDoors, postForm } from "../../support/service-endpoints.js";
import type { Doors } from "../../support/service-endpoints.js";
import { APOLLO_ROUTER_REQUEST, HIVE_ROUTER_REQUEST } from "../../support/router-messages.js";

const suite = (create: () => Promise<TestDatabase>) => {
  let doors: Doors;
  let proxy: CuttableProxy;
  let client: Awaited<ReturnType<typeof makeClient>>;

  beforeAll(async () => {
    const database = await create();
    proxy = await startProxy(database.url);
    doors = await openDoors(database, { DATABASE_URL: proxy.url, COPROCESSOR: "on" });
    client = await makeClient({ ...doors.settings, DATABASE_URL: database.url });
    await proxy.cut();
  });

  afterAll(async () => {
    await doors.gateway.stop();
    await proxy.cut();
    await doors.database.drop();
  });

  const UNAVAILABLE = { error: "temporarily_unavailable" };

  it.each(["/introspect", "/revoke"])("%s is 503 with Retry-After, in OAuth's shape", async (path) => {
    const { authorization } = client;
    const { status, headers, text } = await postForm(
      `${doors.url}${path}`,
      { token: doors.ann.token },
      { authorization },
    );
    expect([status, headers.get("retry-after"), JSON.parse(text)]).toEqual([503, "1", UNAVAILABLE]);
  });

  it("/verify is 503 with Retry-After, and lets nobody through", async () => {
    const answer = await ask(`${doors.url}/verify`, { headers: bearer(doors.ann.token) });
    expectRefusal(answer, 503, "SERVICE_UNAVAILABLE");
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.headers.get("x-user-id")).toBeNull();
  });

  it.each([
    ["Apollo", APOLLO_ROUTER_REQUEST],
    ["Hive", HIVE_ROUTER_REQUEST],
  ])("the %s Router is told to answer 503 with Retry-After", async (_name, message) => {
    const headers = { ...message.headers, authorization: [`Bearer ${doors.ann.token}`] };
    const { status, text } = await ask(
      `${doors.url}/coprocessor`,
      post(JSON.stringify({ ...message, headers })),
    );
    expect(status).toBe(200);
    const answer = JSON.parse(text);
    expect([answer.control, answer.headers["retry-after"]]).toEqual([{ break: 503 }, ["1"]]);
    expect(JSON.parse(answer.body).errors[0].extensions.code).toBe("SERVICE_UNAVAILABLE");
  });

  it("what needs no row is still answered", async () => {
    const unknown = await postForm(`${doors.url}/introspect`, { token: "x" });
    expect(unknown.status).toBe(401);
    expect((await postForm(`${doors.url}/revoke`, { token: "a.b.c" })).status).toBe(200);
    expect((await ask(`${doors.url}/verify`)).status).toBe(401);
    expect((await ask(`${doors.url}/verify`, { headers: bearer("a.b.c") })).status).toBe(401);
    expect((await ask(`${doors.url}/.well-known/latchkey`)).status).toBe(200);
    const { text } = await ask(`${doors.url}/coprocessor`, post(JSON.stringify(APOLLO_ROUTER_REQUEST)));
    expect(JSON.parse(text).control).toBe("continue");
  });

  /** Last: it mends what the others need broken. */
  it("they recover by themselves, and nothing was revoked meanwhile", async () => {
    await proxy.mend();
    expect(await standingOf(doors.graphql, bearer(doors.ann.token))).toBe("ok");
    const { authorization } = client;
    const { text } = await postForm(`${doors.url}/introspect`, { token: doors.ann.token }, { authorization });
    expect(JSON.parse(text)).toMatchObject({ active: true });
  });
};

onEachDatabase("the machine doors, while the database is gone,", suite, ["mariadb", "mysql"]);
