import { jest } from "@jest/globals";
import { setImmediate as nextTurn, setTimeout as realSleep } from "node:timers/promises";
import { createClient } from "@redis/client";
import { pino } from "pino";
import { monotonicClock } from "../../packages/wire/src/clock.js";
import { createRevocationFeed } from "../../src/revocation/revocation-feed.js";
import { createTestRedis, describeWithRedis, type TestRedis } from "../support/redis.js";
import { createMemoryFeedStore } from "../support/revocation/memory-feed-store.js";
import { until } from "../support/until.js";
import { CHANNEL, AVAILABLE, redisAt, UNAVAILABLE, startNode, type Node } from "../support/nodes.js";

describeWithRedis("nodes that share a Redis", () => {
  let redis: TestRedis;
  const nodes: Node[] = [];

  beforeAll(async () => {
    redis = await createTestRedis();
  });

  beforeEach(async () => {
    await redis.kill();
    await redis.start();
  });

  afterEach(() => {
    jest.useRealTimers();
    for (const node of nodes.splice(0)) node.close();
  });

  afterAll(() => redis.remove());

  /** Starts nodes and waits until each of them has subscribed and been woken by its own first nudge. */
  async function start(count: number, options?: Parameters<typeof startNode>[1]): Promise<Node[]> {
    const started = Array.from({ length: count }, () => startNode(redisAt(redis.port), options));
    nodes.push(...started);
    await until(() => started.every(({ woken }) => woken > 0));
    await quiet();
    return started;
  }

  /** Resolves once nobody is woken any more. */
  async function quiet(): Promise<void> {
    for (let before = -1; ;) {
      const now = nodes.reduce((sum, { woken }) => sum + woken, 0);
      if (now === before) return;
      before = now;
      await realSleep(50);
    }
  }

  it("one sends, all are woken, and each reads the feed without waiting for its next look", async () => {
    const store = createMemoryFeedStore();
    const feed = createRevocationFeed({
      store,
      sign: ({ entries }) => (entries as { sid: string }[]).map(({ sid }) => sid).join(),
      log: pino({ level: "silent" }),
    });
    const [a] = await start(1);
    await start(1, { onNotification: feed.announce });
    // From here on the loop's time stands still: it looks when it is woken, and never else.
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "performance", "Date"] });
    const reader = new AbortController();
    const seen: string[] = [];
    const ended = feed.follow({ client: "a", after: 0 }, reader.signal, async ({ jws }) => {
      if (jws) seen.push(jws);
    });
    for (let i = 0; i < 50; i++) await nextTurn();
    store.commit("first");
    for (let i = 0; i < 50; i++) await nextTurn();
    expect(seen).toEqual([]);
    a!.send();
    while (seen.length < 1) await nextTurn();
    store.commit("second");
    a!.send();
    while (seen.length < 2) await nextTurn();
    expect(seen).toEqual(["first", "second"]);
    jest.useRealTimers();
    reader.abort();
    await ended;
    await feed.close();
  });

  it("another installation on the same Redis is left in peace", async () => {
    const [a, b] = await start(2);
    const [stranger] = await start(1, { channel: "latchkey:revocations:of-another" });
    const before = stranger!.woken;
    const woken = b!.woken;
    a!.send();
    await until(() => b!.woken > woken);
    await quiet();
    expect(stranger!.woken).toBe(before);
    expect(Object.keys(await redis.subscribers()).sort()).toEqual([
      "latchkey:revocations:of-a-test",
      "latchkey:revocations:of-another",
    ]);
  });

  it("a nudge holds nothing, and a thousand at once are two", async () => {
    const [a] = await start(1);
    const spy = createClient({ url: redis.url });
    const heard: string[] = [];
    await spy.connect();
    await spy.subscribe(CHANNEL, (message) => heard.push(message));
    for (let i = 0; i < 1_000; i++) a!.send();
    await until(() => heard.length >= 2);
    await quiet();
    expect(heard).toEqual(["", ""]);
    spy.destroy();
  });

  it("a flood of nudges, with whatever in them, wakes a node every 5 ms at most", async () => {
    const [a] = await start(1);
    const before = a!.woken;
    const began = monotonicClock();
    const flooder = createClient({ url: redis.url });
    await flooder.connect();
    for (let i = 0; i < 20; i++) {
      await Promise.all(
        Array.from({ length: 1_000 }, (_, j) =>
          flooder.publish(CHANNEL, j % 100 ? '{"sid":"x"}' : "x".repeat(100_000)),
        ),
      );
    }
    await quiet();
    // A timer may be early by a fraction of a millisecond.
    const most = (monotonicClock() - began) / 4.5;
    expect(a!.woken - before).toBeGreaterThan(0);
    expect(a!.woken - before).toBeLessThan(most + 2);
    expect(a!.logged).toEqual([]);
    flooder.destroy();
  });

  it("killed and started again: told once each, subscribed again, as if nothing had been", async () => {
    const [a, b] = await start(2);
    await redis.kill();
    await until(() => nodes.every(({ logged }) => logged.length === 1));
    // Dropped, each of them: nothing is kept for later.
    for (let i = 0; i < 1_000; i++) a!.send();
    await realSleep(2_500);
    for (const { logged } of nodes)
      expect(logged).toEqual([{ msg: UNAVAILABLE, reason: expect.any(String) }]);
    await redis.start();
    await until(() => nodes.every(({ logged }) => logged.at(-1)?.msg === AVAILABLE));
    await quiet();
    const { woken } = b!;
    a!.send();
    await until(() => b!.woken > woken);
    for (const { logged } of nodes) expect(logged).toHaveLength(2);
  });

  it("not there when the node starts: it is told, and taken up once it is there", async () => {
    await redis.kill();
    const node = startNode(redisAt(redis.port));
    nodes.push(node);
    node.send();
    await until(() => node.logged.length === 1);
    expect(node.logged).toEqual([{ msg: UNAVAILABLE, reason: "ECONNREFUSED" }]);
    await redis.start();
    await until(() => node.woken > 0);
    expect(node.logged.slice(1)).toEqual([{ msg: AVAILABLE }]);
  });

  it("frozen: nothing waits and nothing piles up; given up, and taken up once it thaws", async () => {
    const [a, b] = await start(2);
    redis.freeze();
    for (let i = 0; i < 100_000; i++) a!.send();
    await until(() => nodes.every(({ logged }) => logged.length === 1));
    for (const { logged } of nodes)
      expect(logged[0]).toEqual({ msg: UNAVAILABLE, reason: "SocketTimeoutError" });
    for (let i = 0; i < 100_000; i++) a!.send();
    redis.thaw();
    await until(() => nodes.every(({ logged }) => logged.length === 2));
    await quiet();
    const { woken } = b!;
    a!.send();
    await until(() => b!.woken > woken);
    await quiet();
    // Of two hundred thousand; some of the first nudges of new connections may be among them.
    expect(b!.woken - woken).toBeLessThan(10);
  });

  it("flushed, without memory, or made a replica: nudges come and go as before", async () => {
    const [a, b] = await start(2);
    for (const words of [
      ["FLUSHALL"],
      ["CONFIG", "SET", "maxmemory", "1"],
      ["REPLICAOF", "127.0.0.1", "1"],
      ["REPLICAOF", "NO", "ONE"],
    ]) {
      await redis.command(...words);
      await quiet();
      const { woken } = b!;
      a!.send();
      await until(() => b!.woken > woken);
    }
    for (const { logged } of nodes) expect(logged).toEqual([]);
  });

  it.each([
    ["none, where one is wanted", {}, "NOAUTH"],
    ["a wrong one", { password: "wr0ng-pa55word" }, "WRONGPASS"],
    ["that of a user who is not there", { user: "nobody", password: "wr0ng-pa55word" }, "WRONGPASS"],
  ])("a password, %s: told once, without it; taken up once it is right", async (_what, login, reason) => {
    await redis.kill();
    await redis.start("--requirepass", "the-r1ght-one");
    const node = startNode(redisAt(redis.port, login));
    nodes.push(node);
    await realSleep(2_500);
    expect(node.logged).toEqual([{ msg: UNAVAILABLE, reason }]);
    expect(node.lines.join()).not.toMatch(/wr0ng|r1ght|nobody|redis:/);
    const right = startNode(redisAt(redis.port, { password: "the-r1ght-one" }));
    nodes.push(right);
    await until(() => right.woken > 0);
    await redis.kill();
    await redis.start(
      ...("password" in login && !("user" in login) ? ["--requirepass", login.password] : []),
    );
    if ("user" in login)
      await redis.command("ACL", "SETUSER", "nobody", "on", ">wr0ng-pa55word", "+@all", "&*");
    await until(() => node.woken > 0);
    expect(node.logged.at(-1)).toEqual({ msg: AVAILABLE });
  });

  it("a user with the documented permissions and no other will do; without one of them it is told once", async () => {
    const grants = ["resetchannels", "&latchkey:*", "+subscribe", "+publish", "+ping"];
    await redis.command("ACL", "SETUSER", "gateway", "on", ">s", "nocommands", ...grants);
    const login = { user: "gateway", password: "s" };
    const allowed = startNode(redisAt(redis.port, login));
    nodes.push(allowed);
    await until(() => allowed.woken > 0);
    await quiet();
    expect(allowed.logged).toEqual([]);
    expect(await redis.command("ACL", "LOG")).toEqual([]);
    await redis.command("ACL", "SETUSER", "gateway", "-publish");
    allowed.send();
    await realSleep(2_500);
    expect(allowed.logged).toEqual([{ msg: UNAVAILABLE, reason: "NOPERM" }]);
    await redis.command("ACL", "SETUSER", "gateway", "+publish");
    await until(() => allowed.logged.length === 2);
    expect(allowed.logged.at(-1)).toEqual({ msg: AVAILABLE });
  });

  it("closed, a node is gone from Redis at once, whatever state that is in", async () => {
    const [a, b] = await start(2);
    a!.close();
    await until(async () => (await redis.subscribers())[CHANNEL] === 1);
    a!.send();
    redis.freeze();
    const late = startNode(redisAt(redis.port));
    late.send();
    b!.send();
    b!.close();
    late.close();
    redis.thaw();
    await until(async () => Object.keys(await redis.subscribers()).length === 0);
    expect([a, b, late].flatMap((node) => node!.logged)).toEqual([]);
    // The one that asks.
    await until(
      async () =>
        String(await redis.command("CLIENT", "LIST"))
          .trim()
          .split("\n").length === 1,
    );
  });
});
