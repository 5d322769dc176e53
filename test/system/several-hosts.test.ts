import { bearer, registerUser, tokenStatusOf, type SignedIn } from "../support/client.js";
import { onEachDatabase, type TestDatabase } from "../support/databases.js";
import { spawnGateway, type GatewayProcess } from "../support/gateway.js";
import { startProxy, type Proxy } from "../support/proxy.js";

onEachDatabase(
  "several hosts in DATABASE_URL",
  (create) => {
    let database: TestDatabase;
    let first: Proxy;
    let second: Proxy;
    let gateway: GatewayProcess;
    let user: SignedIn;

    beforeAll(async () => {
      database = await create();
      [first, second] = await Promise.all([startProxy(database.url), startProxy(database.url)]);
      await first.kill();
      const { username, password, pathname } = new URL(database.url);
      const hosts = [first, second].map(({ port }) => `127.0.0.1:${port}`).join(",");
      gateway = await spawnGateway({ DATABASE_URL: `mysql://${username}:${password}@${hosts}${pathname}` });
    });

    afterAll(async () => {
      await gateway.stop();
      await Promise.all([first, second].map((proxy) => proxy.kill()));
      await database.drop();
    });

    /** However long it takes; until then nothing but 503 is answered. */
    async function untilServed(): Promise<void> {
      for (;;) {
        const status = await tokenStatusOf(gateway.graphql, bearer(user.token));
        if (status === "ok") break;
        expect(status).toBe("SERVICE_UNAVAILABLE");
      }
      await registerUser(gateway.graphql);
    }

    it("the second serves when the first is dead from the start", async () => {
      user = await registerUser(gateway.graphql);
      expect(await tokenStatusOf(gateway.graphql, bearer(user.token))).toBe("ok");
    });

    it("the first takes over when the second dies", async () => {
      await first.revive();
      await second.kill();
      await untilServed();
    });

    it("the second takes over when the first freezes, and a missed deadline is enough to notice", async () => {
      // Many connections are open, and each of them freezes.
      await Promise.all(Array.from({ length: 20 }, () => registerUser(gateway.graphql)));
      await second.revive();
      first.freeze();
      const status = () => tokenStatusOf(gateway.graphql, bearer(user.token));
      const register = () =>
        registerUser(gateway.graphql).then(
          () => "ok",
          () => "refused",
        );
      // Row checks and transactions have connections of their own: each may miss one deadline.
      const outcomes = [await status(), await register(), await status(), await register()];
      expect(outcomes.slice(2)).toEqual(["ok", "ok"]);
    });
  },
  ["mariadb"],
);
