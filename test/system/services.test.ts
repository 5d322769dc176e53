import { makeClient, type ServiceClient } from "../support/service-client.js";
import { setTimeout as sleep } from "node:timers/promises";
import { bearer, registerUser, send, LOGOUT, type SignedIn } from "../support/client.js";
import { onEachDatabase, type TestDatabase } from "../support/databases.js";
import { feedOf } from "../support/feed.js";
import { runCli, spawnGateway, type GatewayProcess } from "../support/gateway.js";
import { startProxy, type Proxy } from "../support/proxy.js";
import { startService, type Service } from "../support/service.js";

/** Short, so that a test need not wait for long; a busy machine may exceed it by itself at any time. */
const STALE_MS = 1_500;

async function logOut({ graphql }: GatewayProcess, { token }: SignedIn): Promise<void> {
  const answer = await send(graphql, LOGOUT, {}, bearer(token));
  if (!answer.data?.logout.success) throw new Error(`no logout: ${answer.text}`);
}

/** Waits until a service says so of a token, and hears nothing else meanwhile than what is allowed. */
async function untilSays(
  { verify }: Service,
  { privilege }: SignedIn,
  verdict: string,
  allowed: readonly string[],
): Promise<void> {
  for (;;) {
    const said = await verify(privilege);
    if (said === verdict) return;
    expect(allowed).toContain(said);
    await sleep(10);
  }
}

/** Two gateways; a service follows one of them. */
function describeServices(create: () => Promise<TestDatabase>): void {
  let database: TestDatabase;
  let gateway: GatewayProcess;
  let other: GatewayProcess;
  let client: ServiceClient;
  let proxy: Proxy;
  const services: Service[] = [];

  beforeAll(async () => {
    database = await create();
    gateway = await spawnGateway({ DATABASE_URL: database.url });
    other = await spawnGateway({ DATABASE_URL: database.url });
    client = await makeClient({ DATABASE_URL: database.url });
    proxy = await startProxy(gateway.url);
  });

  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.stop()));
  });

  afterAll(async () => {
    await proxy.kill();
    await Promise.all([gateway.stop(), other.stop()]);
    await database.drop();
  });

  async function start(at: string, as = client): Promise<Service> {
    const service = await startService({ gateway: at, client: as, maxStaleness: STALE_MS });
    services.push(service);
    return service;
  }

  const throughProxy = () => `http://127.0.0.1:${proxy.port}`;

  /**
   * Cuts a service off for longer than it may be, ends tokens meanwhile, and mends it: it refuses everything until
   * it has caught up, then what was ended, and nothing else.
   */
  async function expectExact(
    service: Service,
    cut: () => Promise<void>,
    mend: () => Promise<void>,
  ): Promise<void> {
    const living = await registerUser(other.graphql);
    const ended: SignedIn[] = [];
    while (ended.length < 5) ended.push(await registerUser(other.graphql));
    for (const user of [living, ...ended]) await untilSays(service, user, "ok", ["FEED_STALE"]);
    await logOut(other, ended[0]!);
    await untilSays(service, ended[0]!, "TOKEN_REVOKED", ["ok", "FEED_STALE"]);
    await cut();
    // What it was told before it still knows, but says so only when it can be sure of the rest.
    await untilSays(service, living, "FEED_STALE", ["ok"]);
    for (const user of ended.slice(1)) await logOut(other, user);
    for (const user of [living, ...ended]) expect(await service.verify(user.privilege)).toBe("FEED_STALE");
    await mend();
    for (const user of ended) await untilSays(service, user, "TOKEN_REVOKED", ["FEED_STALE"]);
    await untilSays(service, living, "ok", ["FEED_STALE"]);
    const { position } = await service.stats();
    expect(position).toBe(await feedOf(other, client).head());
  }

  it.each([
    ["breaks", () => proxy.kill(), () => proxy.revive()],
    ["falls silent", async () => proxy.freeze(), async () => proxy.thaw()],
  ])("the connection %s for too long: everything is refused, and nothing is missed", async (_, cut, mend) => {
    const service = await start(throughProxy());
    await service.ready();
    await expectExact(service, cut, mend);
  });

  it("the gateway is killed: so it is until its successor is there", async () => {
    const service = await start(gateway.url);
    await service.ready();
    const { port } = new URL(gateway.url);
    const kill = async () => {
      gateway.process.kill("SIGKILL");
      await gateway.exited;
    };
    const succeed = async () => {
      gateway = await spawnGateway({ DATABASE_URL: database.url, PORT: port });
    };
    await expectExact(service, kill, succeed);
  });

  it.each([
    ["refuses it", () => proxy.kill(), () => proxy.revive()],
    ["does not answer", async () => proxy.freeze(), async () => proxy.thaw()],
  ])(
    "a service whose gateway %s refuses everything, and is ready once that is there",
    async (_, cut, mend) => {
      const user = await registerUser(other.graphql);
      await cut();
      const service = await start(throughProxy());
      await expect(service.ready(STALE_MS)).rejects.toThrow("not ready");
      expect(await service.verify(user.privilege)).toBe("NOT_READY");
      await mend();
      await service.ready();
      await untilSays(service, user, "ok", ["FEED_STALE"]);
    },
  );

  it("a service reaches its gateway by plain http inside a private network, when it is told to", async () => {
    // Not one of the names that may always be plain, and yet on this machine.
    const inside = await spawnGateway({ DATABASE_URL: database.url, HOST: "127.0.0.2" });
    const at = { client, gateway: inside.url, maxStaleness: 10_000 };
    await expect(startService(at)).rejects.toThrow("allowInsecureRequests: true");
    const service = await startService({ ...at, allowInsecureRequests: true });
    services.push(service);
    await service.ready();
    const user = await registerUser(inside.graphql);
    await untilSays(service, user, "ok", ["FEED_STALE"]);
    await logOut(other, user);
    await untilSays(service, user, "TOKEN_REVOKED", ["ok", "FEED_STALE"]);
    await inside.stop();
  });

  it("a service whose client is revoked is cut off, and believes nothing from then on", async () => {
    const own = await makeClient({ DATABASE_URL: database.url });
    const [revoked, untouched] = [await start(gateway.url, own), await start(gateway.url)];
    await Promise.all([revoked.ready(), untouched.ready()]);
    const user = await registerUser(other.graphql);
    await untilSays(revoked, user, "ok", ["FEED_STALE"]);
    const { code } = await runCli(["clients", "revoke", own.id], { DATABASE_URL: database.url });
    expect(code).toBe(0);
    await untilSays(revoked, user, "FEED_STALE", ["ok"]);
    while ((await revoked.stats()).problems.feed !== "/revocations: the gateway answers 401") await sleep(10);
    expect(await revoked.verify(user.privilege)).toBe("FEED_STALE");
    await untilSays(untouched, user, "ok", ["FEED_STALE"]);
  });
}

onEachDatabase("a service that verifies by itself", describeServices, ["sqlite", "mariadb"]);

onEachDatabase(
  "a service whose gateway loses its database",
  (create) => {
    it.each([
      ["restarts", (proxy: Proxy) => proxy.kill(), (proxy: Proxy) => proxy.revive()],
      ["freezes", async (proxy: Proxy) => proxy.freeze(), async (proxy: Proxy) => proxy.thaw()],
    ])(
      "that %s: refuses everything, and is up to date afterwards without a new start",
      async (_, cut, mend) => {
        const database = await create();
        const proxy = await startProxy(database.url);
        const gateway = await spawnGateway({ DATABASE_URL: proxy.through(database.url) });
        const other = await spawnGateway({ DATABASE_URL: database.url });
        const client = await makeClient({ DATABASE_URL: database.url });
        const service = await startService({ gateway: gateway.url, client, maxStaleness: STALE_MS });
        await service.ready();
        const [living, ended] = [await registerUser(other.graphql), await registerUser(other.graphql)];
        for (const user of [living, ended]) await untilSays(service, user, "ok", ["FEED_STALE"]);
        await cut(proxy);
        await untilSays(service, living, "FEED_STALE", ["ok"]);
        await logOut(other, ended);
        expect(await service.verify(ended.privilege)).toBe("FEED_STALE");
        await mend(proxy);
        await untilSays(service, ended, "TOKEN_REVOKED", ["FEED_STALE"]);
        await untilSays(service, living, "ok", ["FEED_STALE"]);
        expect((await service.stats()).position).toBe("1");
        expect(await service.stop()).toBe(0);
        await Promise.all([gateway.stop(), other.stop()]);
        await proxy.kill();
        await database.drop();
      },
    );
  },
  ["mariadb"],
);
