import { makeClient, type ServiceClient } from "../support/service-client.js";
import { bearer, loginUser, PASSWORD, registerUser, send, tokenStatusOf, LOGOUT } from "../support/client.js";
import { onEachDatabase, type TestDatabase } from "../support/databases.js";
import { feedOf, type Follower } from "../support/feed.js";
import { spawnGateway, type GatewayProcess, type Settings } from "../support/gateway.js";
import { createTestRedis, describeWithRedis, type TestRedis } from "../support/redis.js";
import { until } from "../support/until.js";

/** Runs a line of JavaScript in a gateway before anything else. */
const running = (script: string): Settings => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}`,
});

/** The pause between two looks at the feed never ends: such a node looks when it is woken, and never else. */
const LOOKS_ONLY_WHEN_WOKEN = running(
  "const real = setTimeout; globalThis.setTimeout = Object.assign((act, ms, ...rest) => real(act, ms === 50 ? 2 ** 30 : ms, ...rest), real);",
);

const redisLines = ({ output }: GatewayProcess) =>
  output.log
    .split("\n")
    .filter((line) => line.includes("Redis pub/sub"))
    .map((line) => /pub\/sub unavailable|pub\/sub available/.exec(line)?.[0]);

onEachDatabase(
  "two gateways, one Redis",
  (create) => {
    describeWithRedis("between them", () => {
      let database: TestDatabase;
      let redis: TestRedis;
      let a: GatewayProcess;
      let b: GatewayProcess;
      let client: ServiceClient;
      let follower: Follower;

      beforeAll(async () => {
        database = await create();
        redis = await createTestRedis();
        await redis.start("--requirepass", "s3cret");
        const url = redis.url.replace("//", "//:s3cret@");
        const settings = { DATABASE_URL: database.url, REDIS_URL: url, USER_TOKEN_LIMIT: "3" };
        a = await spawnGateway(settings);
        b = await spawnGateway({ ...settings, ...LOOKS_ONLY_WHEN_WOKEN });
        // The command line takes no part.
        client = await makeClient({ DATABASE_URL: database.url, REDIS_URL: url });
        follower = await feedOf(b, client).follow();
        await connected();
      });

      afterAll(async () => {
        follower.leave();
        await Promise.all([a.stop(), b.stop()]);
        await redis.remove();
        await database.drop();
      });

      const connected = () =>
        until(async () => Object.values(await redis.subscribers().catch(() => ({}))).join() === "2");
      const seen = () => follower.entries().map(({ sid }) => sid);
      const hears = (key: string) => follower.until(() => seen().includes(key));

      /** Logs a new user out at a gateway; answers the key of the token once that is acknowledged. */
      async function endToken({ graphql }: GatewayProcess): Promise<{ key: string; token: string }> {
        const { token, key } = await registerUser(graphql);
        const answer = await send(graphql, LOGOUT, {}, bearer(token));
        expect(answer.data.logout.success).toBe(true);
        return { key, token };
      }

      /** Ends tokens at one node, and sees them refused at the other and both of them ready. */
      async function expectServed(): Promise<string[]> {
        const keys: string[] = [];
        for (let i = 0; i < 5; i++) {
          const { key, token } = await endToken(a);
          expect(await tokenStatusOf(b.graphql, bearer(token))).toBe("TOKEN_REVOKED");
          keys.push(key);
        }
        for (const { url } of [a, b]) expect((await fetch(`${url}/readyz`)).status).toBe(200);
        return keys;
      }

      /** Not one of them was heard before what the node itself has ended: it was not woken. */
      async function expectUnheard(keys: string[]): Promise<void> {
        const { key } = await endToken(b);
        await hears(key);
        const batch = follower.batches.find(({ entries }) => entries.some(({ sid }) => sid === key));
        expect(batch?.entries.map(({ sid }) => sid)).toEqual([...keys, key]);
      }

      it("what one ends, the other tells although it never looks by itself", async () => {
        for (let i = 0; i < 5; i++) await hears((await endToken(a)).key);
        const { username, key } = await registerUser(a.graphql);
        for (let i = 0; i < 3; i++) await loginUser(a.graphql, { userid: username, password: PASSWORD });
        await hears(key);
      });

      it.each([
        ["killed", () => redis.kill(), () => redis.start("--requirepass", "s3cret")],
        ["frozen", async () => redis.freeze(), async () => redis.thaw()],
      ])("%s: all is as without it, told once; then as before, told once", async (_how, cut, mend) => {
        const told = [a, b].map((gateway) => redisLines(gateway).length);
        const lines = () => [a, b].map((gateway, i) => redisLines(gateway).slice(told[i]));
        await cut();
        const keys = await expectServed();
        await until(() => lines().every(({ length }) => length > 0));
        keys.push(...(await expectServed()));
        await expectUnheard(keys);
        expect(lines()).toEqual([["pub/sub unavailable"], ["pub/sub unavailable"]]);
        await mend();
        await until(() => lines().every(({ length }) => length > 1));
        await connected();
        await hears((await endToken(a)).key);
        expect(lines()).toEqual([
          ["pub/sub unavailable", "pub/sub available"],
          ["pub/sub unavailable", "pub/sub available"],
        ]);
      });

      it("frozen, it holds up no stop; and neither its password nor its URL is ever told", async () => {
        redis.freeze();
        await expectServed();
        follower.leave();
        expect(await Promise.all([a.stop(), b.stop()])).toEqual([0, 0]);
        for (const { output } of [a, b]) {
          expect(output.log + output.errors).not.toMatch(/s3cret|redis:\/\//);
          expect(output.log).not.toContain('"level":"error"');
        }
      });
    });
  },
  ["mariadb", "mysql"],
);

onEachDatabase(
  "a gateway",
  (create) => {
    let database: TestDatabase;

    beforeAll(async () => {
      database = await create();
    });
    afterAll(() => database.drop());

    it("starts without its Redis, says so once, serves, and stops", async () => {
      const gateway = await spawnGateway({
        DATABASE_URL: database.url,
        REDIS_URL: "redis://:s3cret@127.0.0.1:1",
      });
      await until(() => redisLines(gateway).length > 0);
      const { token } = await registerUser(gateway.graphql);
      expect((await send(gateway.graphql, LOGOUT, {}, bearer(token))).data.logout.success).toBe(true);
      expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
      expect(await gateway.stop()).toBe(0);
      expect(redisLines(gateway)).toEqual(["pub/sub unavailable"]);
      expect(gateway.output.log + gateway.output.errors).not.toMatch(/s3cret|redis:\/\//);
    });

    it.each([
      ["nothing that speaks to Redis without REDIS_URL", {}, false],
      ["it with REDIS_URL", { REDIS_URL: "redis://127.0.0.1:1" }, true],
    ])("loads %s", async (_how, settings, loaded) => {
      const gateway = await spawnGateway({
        DATABASE_URL: database.url,
        ...settings,
        ...running(
          'import { createRequire } from "node:module"; const { cache } = createRequire("file:///"); process.on("exit", () => process.stderr.write("loaded " + Object.keys(cache).some((path) => path.includes("@redis"))));',
        ),
      });
      expect(await gateway.stop()).toBe(0);
      expect(gateway.output.errors).toMatch(new RegExp(`loaded ${loaded}$`));
    });
  },
  ["sqlite"],
);
