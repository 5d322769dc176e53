import { makeClient } from "../support/service-client.js";
import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import mysql from "mysql2/promise";
import { bearer, PASSWORD, registerUser, send, uniqueName, LOGOUT } from "../support/client.js";
import { onEachDatabase, type TestDatabase } from "../support/databases.js";
import { feedOf, type Feed, type FeedEntry, type Follower } from "../support/feed.js";
import { spawnGateway, type GatewayProcess } from "../support/gateway.js";
import { startProxy } from "../support/proxy.js";
import { makeTokens, revokeToken } from "../support/token-calls.js";

/** Each batch begins where the one before ended. */
function expectUnbroken(batches: Follower["batches"]): void {
  batches.slice(1).forEach(({ after }, i) => {
    expect(after).toBe(batches[i]!.to);
  });
}

/** Ends a token that is made for it; answers its key once that is acknowledged. */
async function endToken({ graphql }: GatewayProcess): Promise<string> {
  const { token, key } = await registerUser(graphql);
  const answer = await send(graphql, LOGOUT, {}, bearer(token));
  if (!answer.data?.logout.success) throw new Error(`no logout: ${answer.text}`);
  return key;
}

/** Follows across restarts and its own whims: resumes where it was, again and again. */
function createRestlessFollower(feeds: readonly Feed[]) {
  const seen: FeedEntry[] = [];
  const batches: Follower["batches"] = [];
  let position = "0";
  let stopped = false;
  let current: Follower | null = null;
  const run = async () => {
    for (let turn = 0; !stopped; turn++) {
      const follower = await feeds[turn % feeds.length]!.follow({ after: "0", lastEventId: position }).catch(
        () => null,
      );
      if (!follower) {
        await sleep(20);
        continue;
      }
      current = follower;
      const leaving = setTimeout(follower.leave, randomInt(1, 300));
      await follower.ended.catch(() => undefined);
      clearTimeout(leaving);
      // What came last counts only if its event was whole.
      batches.push(...follower.batches);
      seen.push(...follower.entries());
      position = follower.batches.at(-1)?.to ?? position;
    }
  };
  const running = run();
  return {
    batches,
    keys: () => seen.map(({ sid }) => sid),
    stop: async () => {
      stopped = true;
      current?.leave();
      await running;
    },
  };
}

onEachDatabase("followers of two nodes, while many write", (create) => {
  it("each sees every entry once, in one order, however often it comes back", async () => {
    const database = await create();
    const settings = { DATABASE_URL: database.url };
    const gateways = [await spawnGateway(settings), await spawnGateway(settings)];
    const client = await makeClient(settings);
    const feeds = gateways.map((gateway) => feedOf(gateway, client));
    const steady = await Promise.all(feeds.map((feed) => feed.follow()));
    const restless = Array.from({ length: 4 }, (_, i) =>
      createRestlessFollower(i % 2 ? feeds : feeds.toReversed()),
    );

    const writers = Array.from({ length: 6 }, async (_, i) => {
      const { graphql } = gateways[i % 2]!;
      const owner = await registerUser(graphql, { username: uniqueName("writer"), password: PASSWORD });
      const made = await makeTokens(graphql, owner.token, 40);
      for (const [j, { key }] of made.entries()) {
        const answer = await revokeToken(gateways[(i + j) % 2]!.graphql, owner.token, key);
        if (!answer.data) throw new Error(`not revoked: ${answer.text}`);
      }
      return made.map(({ key }) => key);
    });
    const revoked = (await Promise.all(writers)).flat();

    const { entries } = await feeds[0]!.all();
    const order = entries.map(({ sid }) => sid);
    expect([...order].sort()).toEqual([...revoked].sort());
    for (const follower of steady) {
      await follower.until(() => follower.entries().length >= revoked.length);
      expect(follower.entries().map(({ sid }) => sid)).toEqual(order);
      expectUnbroken(follower.batches);
      follower.leave();
    }
    for (const follower of restless) {
      while (follower.keys().length < revoked.length) await sleep(20);
      await follower.stop();
      expect(follower.keys()).toEqual(order);
      expectUnbroken(follower.batches);
    }
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await database.drop();
  });
});

onEachDatabase(
  "an entry that is committed late",
  (create) => {
    it("reaches followers who have long seen later ones, on every node, and delays none of those", async () => {
      const database = await create();
      const settings = { DATABASE_URL: database.url };
      const gateways = [await spawnGateway(settings), await spawnGateway(settings)];
      const client = await makeClient(settings);
      const followers = await Promise.all(gateways.map((gateway) => feedOf(gateway, client).follow()));
      const late = await mysql.createConnection(database.url);
      await late.beginTransaction();
      await late.query(
        "INSERT INTO revocation (id, kind, subject, creationTime, expirationTime) VALUES (?, 'token', 'late', 1, NULL)",
        [randomUUID()],
      );
      const keys: string[] = [];
      for (let i = 0; i < 5; i++) keys.push(await endToken(gateways[i % 2]!));
      const seen = (follower: Follower) => follower.entries().map(({ sid }) => sid);
      for (const follower of followers) {
        await follower.until(() => seen(follower).length === 5);
        expect(seen(follower)).toEqual(keys);
        // And while nothing ends, they hear that, too.
        const { length } = follower.batches;
        await follower.until(() => follower.batches.length > length + 1);
      }
      await late.commit();
      await late.end();
      for (const follower of followers) {
        await follower.until(() => seen(follower).length === 6);
        expect(seen(follower)).toEqual([...keys, "late"]);
        follower.leave();
      }
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await database.drop();
    });
  },
  ["mariadb", "mysql"],
);

onEachDatabase("a gateway that is killed", (create) => {
  it("loses nothing that it acknowledged: its followers resume at another, and at its successor", async () => {
    const database = await create();
    const settings = { DATABASE_URL: database.url };
    let gateway = await spawnGateway(settings);
    const monitor = await spawnGateway(settings);
    const client = await makeClient(settings);
    const acknowledged: string[] = [];
    const first = await feedOf(gateway, client).follow();
    const writing = (async () => {
      for (;;) acknowledged.push(await endToken(gateway));
    })();
    writing.catch(() => undefined);
    await first.until(() => first.entries().length >= 3);
    gateway.process.kill("SIGKILL");
    await expect(writing).rejects.toThrow();
    await gateway.exited;
    await first.ended.catch(() => undefined);

    const resumed = await feedOf(monitor, client).follow({ lastEventId: first.lastId() });
    gateway = await spawnGateway(settings);
    acknowledged.push(await endToken(gateway));
    const seen = () => [...first.entries(), ...resumed.entries()].map(({ sid }) => sid);
    await resumed.until(() => seen().includes(acknowledged.at(-1)));
    // One more may have been committed without an answer.
    expect(seen()).toEqual(expect.arrayContaining(acknowledged));
    expect(new Set(seen()).size).toBe(seen().length);
    expect(resumed.batches[0]!.after).toBe(first.lastId());
    const { entries } = await feedOf(gateway, client).all();
    expect(entries.map(({ sid }) => sid)).toEqual(seen());
    resumed.leave();
    await Promise.all([gateway.stop(), monitor.stop()]);
    await database.drop();
  });
});

onEachDatabase(
  "a database that goes away under the feed",
  (create) => {
    let database: TestDatabase;
    let proxy: Awaited<ReturnType<typeof startProxy>>;
    let gateway: GatewayProcess;
    let monitor: GatewayProcess;
    let follower: Follower;

    beforeAll(async () => {
      database = await create();
      proxy = await startProxy(database.url);
      gateway = await spawnGateway({ DATABASE_URL: proxy.through(database.url) });
      monitor = await spawnGateway({ DATABASE_URL: database.url });
      const client = await makeClient({ DATABASE_URL: database.url });
      follower = await feedOf(gateway, client).follow();
    });

    afterAll(async () => {
      follower.leave();
      await Promise.all([gateway.stop(), monitor.stop()]);
      await proxy.kill();
      await database.drop();
    });

    it.each([
      ["killed", () => proxy.kill(), () => proxy.revive()],
      [
        "frozen",
        async () => {
          proxy.freeze();
        },
        async () => {
          proxy.thaw();
        },
      ],
    ])(
      "%s: the stream stays open and silent, and goes on with all that ended meanwhile",
      async (_how, cut, mend) => {
        const logged = () =>
          gateway.output.log.split("\n").filter((line) => line.includes("revocation feed"));
        const told = logged().length;
        await cut();
        while (logged().length === told) await sleep(10);
        const { length } = follower.batches;
        const keys = [await endToken(monitor), await endToken(monitor)];
        await sleep(1_200);
        // Nothing says that nothing has ended: who verifies by it grows stale.
        expect(follower.batches).toHaveLength(length);
        await mend();
        await follower.until(() => keys.every((key) => follower.entries().some(({ sid }) => sid === key)));
        expectUnbroken(follower.batches);
        expect(logged()).toHaveLength(told + 2);
      },
    );
  },
  ["mariadb"],
);
