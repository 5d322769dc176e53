import { makeClient } from "../support/service-client.js";
import { setTimeout as sleep } from "node:timers/promises";
import { makeTokens, revokeToken, type Issued } from "../support/token-calls.js";
import {
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  uniqueName,
  LOGOUT,
  type SignedIn,
} from "../support/client.js";
import { feedOf, type Follower } from "../support/feed.js";
import { onGalera, type ClusterDatabase } from "../support/galera.js";
import { spawnGateway, type GatewayProcess, type Settings } from "../support/gateway.js";
import { FREE, guess, login, outcomeOf, register, STRICT } from "../support/throttling.js";

/** Of each gateway; one account holds no more tokens. */
const ROUNDS = 99;

const started: GatewayProcess[] = [];

// Whatever has failed, nothing is left running.
afterAll(() => {
  for (const gateway of started) gateway.process.kill("SIGKILL");
});

/** A gateway for each node, all started in the same moment. */
function startAll({ urls }: ClusterDatabase, settings: Settings = {}): Promise<GatewayProcess[]> {
  const start = async (url: string) => {
    const gateway = await spawnGateway({ ...settings, DATABASE_URL: url });
    started.push(gateway);
    return gateway;
  };
  return Promise.all(urls.map(start));
}

const stopAll = (gateways: readonly GatewayProcess[]) =>
  Promise.all(gateways.map((gateway) => gateway.stop()));

const keysSeen = (follower: Follower) => follower.entries().map(({ sid }) => sid);

/** All have been told the same, at the same positions, and nothing twice. */
function expectSameFeed(followers: readonly Follower[], start: string): void {
  const order = keysSeen(followers[0]!);
  expect(new Set(order).size).toBe(order.length);
  for (const follower of followers) {
    expect(keysSeen(follower)).toEqual(order);
    follower.batches.forEach(({ after, to, entries }, i) => {
      expect(after).toBe(follower.batches[i - 1]?.to ?? start);
      // Positions have no gaps, so equal orders are equal positions.
      expect(Number(to) - Number(after)).toBe(entries.length);
    });
  }
}

onGalera("first starts at once", (create) => {
  it.each([1, 2])("make one schema and one signing key, and accept each other's tokens (%i)", async () => {
    const database = await create();
    const gateways = await startAll(database);
    const migrations = await database.query("SELECT name, COUNT(*) AS n FROM migration GROUP BY name");
    expect(migrations.length).toBeGreaterThan(0);
    expect(migrations.map(({ n }) => Number(n))).toEqual(migrations.map(() => 1));
    expect(await database.query("SELECT kid FROM signing_key")).toHaveLength(1);
    const users = await Promise.all(gateways.map(({ graphql }) => registerUser(graphql)));
    for (const { graphql } of gateways)
      for (const { token } of users) expect(await tokenStatusOf(graphql, bearer(token))).toBe("ok");
    await stopAll(gateways);
    await database.drop();
  });
});

onGalera("gateways, each with a node of its own", (create) => {
  let database: ClusterDatabase;
  let gateways: GatewayProcess[];

  beforeAll(async () => {
    database = await create();
    gateways = await startAll(database);
  });

  afterAll(async () => {
    await stopAll(gateways);
    await database.drop();
  });

  it("refuse at once what another one has logged out", async () => {
    const round = async ({ token }: Issued, i: number) => {
      const { graphql } = gateways[i % 3]!;
      const answer = await send(graphql, LOGOUT, {}, bearer(token));
      if (!answer.data?.logout.success) throw new Error(`no logout: ${answer.text}`);
      return Promise.all(gateways.map((other) => tokenStatusOf(other.graphql, bearer(token))));
    };
    // Several at a time, so that no node has nothing else to do than to be in step.
    const lanes = gateways.map(async ({ graphql }) => {
      const statuses: string[] = [];
      const { token: owner } = await registerUser(graphql);
      const made = await makeTokens(graphql, owner, ROUNDS);
      for (const [i, token] of made.entries()) statuses.push(...(await round(token, i)));
      return statuses;
    });
    const statuses = (await Promise.all(lanes)).flat();
    expect(statuses).toHaveLength(3 * 3 * ROUNDS);
    expect(statuses.filter((status) => status !== "TOKEN_REVOKED")).toEqual([]);
  });

  it("tell their followers everything once, in one order, while all of them write", async () => {
    const client = await makeClient({ DATABASE_URL: database.urls[0] });
    const feeds = gateways.map((gateway) => feedOf(gateway, client));
    const after = await feeds[0]!.head();
    const followers = await Promise.all(feeds.map((feed) => feed.follow({ after })));
    const writers = gateways.map(async ({ graphql }, i) => {
      const { token } = await registerUser(graphql);
      const made = await makeTokens(graphql, token, 60);
      for (const [j, { key }] of made.entries()) {
        const answer = await revokeToken(gateways[(i + j) % 3]!.graphql, token, key);
        if (!answer.data) throw new Error(`not revoked: ${answer.text}`);
      }
      return made.map(({ key }) => key);
    });
    const revoked = (await Promise.all(writers)).flat();
    for (const follower of followers)
      await follower.until(() => revoked.every((key) => keysSeen(follower).includes(key)));
    expect(keysSeen(followers[0]!)).toHaveLength(revoked.length);
    expectSameFeed(followers, after);
    for (const follower of followers) follower.leave();
  });
});

onGalera("the throttle of three gateways", (create) => {
  it("lets no more guesses through than that of one", async () => {
    const database = await create();
    const gateways = await startAll(database, STRICT);
    const username = uniqueName();
    expect(outcomeOf(await register(gateways[0]!.graphql, { username }))).toBe("ok");
    const guesses = await Promise.all(
      Array.from({ length: 30 }, (_, i) => guess(gateways[i % 3]!.graphql, username)),
    );
    const outcomes = guesses.map(outcomeOf);
    const passed = outcomes.filter((outcome) => outcome === "BAD_LOGIN").length;
    // Whoever was told nothing may try again, and still no more get through.
    expect(passed).toBeLessThanOrEqual(FREE);
    for (let more = passed; more < FREE; more++) await guess(gateways[0]!.graphql, username);
    const owner = gateways.map(({ graphql }) => login(graphql, username));
    expect((await Promise.all(owner)).map(outcomeOf)).toEqual(Array(3).fill("TOO_MANY_REQUESTS"));
    await stopAll(gateways);
    await database.drop();
  });
});

/** Milliseconds: three seconds are promised; the rest is for a machine that has other things to do. */
const GAP_MS = 10_000;

/** Logs in and out at a gateway, over and over. */
function startWriter({ graphql, process: gateway }: GatewayProcess, { username }: SignedIn) {
  const acknowledged: SignedIn[] = [];
  const refusals: string[] = [];
  let [last, gap, stopped] = [performance.now(), 0, false];
  const write = async () => {
    const session = await loginUser(graphql, { userid: username, password: PASSWORD });
    const { data, text } = await send(graphql, LOGOUT, {}, bearer(session.token));
    if (!data?.logout.success) throw new Error(text);
    acknowledged.push(session);
    gap = Math.max(gap, performance.now() - last);
    last = performance.now();
  };
  const writing = (async () => {
    while (!stopped && !gateway.killed) await write().catch((error: unknown) => refusals.push(String(error)));
  })();
  return {
    acknowledged,
    refusals,
    /** The longest time between two that succeeded. */
    gap: () => gap,
    until: async (count: number) => {
      while (acknowledged.length < count) await sleep(20);
    },
    stop: () => {
      stopped = true;
      return writing;
    },
  };
}

onGalera("a node that is killed under load", (create) => {
  it("takes no acknowledged logout with it, and its gateway and the feed go on at another", async () => {
    const database = await create();
    const gateways = await startAll(database);
    const client = await makeClient({ DATABASE_URL: database.urls[0] });
    const followers = await Promise.all(gateways.map((gateway) => feedOf(gateway, client).follow()));
    const users: SignedIn[] = [];
    for (const { graphql } of gateways) users.push(await registerUser(graphql));
    const writers = gateways.map((gateway, i) => startWriter(gateway, users[i]!));
    await Promise.all(writers.map((writer) => writer.until(10)));
    await database.kill(2);
    await Promise.all(writers.map(({ until, acknowledged }) => until(acknowledged.length + 20)));
    await Promise.all(writers.map((writer) => writer.stop()));

    for (const { refusals, gap } of writers) {
      for (const refusal of refusals) expect(refusal).toContain('"SERVICE_UNAVAILABLE"');
      expect(gap()).toBeLessThan(GAP_MS);
    }
    const ended = writers.flatMap(({ acknowledged }) => acknowledged);
    for (const { graphql } of gateways) {
      const statuses = ended.map(({ token }) => tokenStatusOf(graphql, bearer(token)));
      expect(new Set(await Promise.all(statuses))).toEqual(new Set(["TOKEN_REVOKED"]));
    }
    const { to } = await feedOf(gateways[0]!, client).all();
    for (const follower of followers) {
      await follower.until(() => follower.lastId() === to);
      expect(keysSeen(follower)).toEqual(expect.arrayContaining(ended.map(({ key }) => key)));
      follower.leave();
    }
    expectSameFeed(followers, "0");
    for (const { output } of gateways) expect(output.log).not.toContain('"level":"error"');
    await stopAll(gateways);
    await database.drop();
  });
});
