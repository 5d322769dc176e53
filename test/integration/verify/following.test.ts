import { randomUUID } from "node:crypto";
import { startFeedServer, type FeedServer } from "../../support/verify/feed-server.js";
import { nowSeconds } from "../../support/verify/issuer.js";
import { until } from "../../support/until.js";
import { endAll, endings, outcome, readyVerifierOf, verifierOf } from "../../support/verify/verifiers.js";
import type { Verifier } from "../../../packages/verify/src/index.js";

let server: FeedServer;
beforeEach(async () => {
  server = await startFeedServer();
  endings.push(() => server.stop());
});
afterEach(endAll);

/** A good token and what it takes to end it. */
async function makeToken() {
  const sid = randomUUID();
  return { sid, token: await server.privilege({ sid, exp: nowSeconds() + 3600 }) };
}

const arrives = (verifier: Verifier, position: string) =>
  until(() => verifier.stats().position === position, `position ${position}`);
const becomes = (verifier: Verifier, token: string, wanted: string) =>
  until(() => outcome(verifier.verify(token)) === wanted, wanted);

describe("a start", () => {
  it("reads everything that has been said before it is ready", async () => {
    const { sid, token } = await makeToken();
    server.knobs.page = 3;
    for (let at = 0; at < 20; at += 1) server.say({ kind: "token", sid: randomUUID() });
    server.say({ kind: "token", sid });
    const verifier = verifierOf(server);
    expect(outcome(verifier.verify(token))).not.toBe("accepted");
    await verifier.ready();
    expect(outcome(verifier.verify(token))).toBe("TOKEN_REVOKED");
    expect(verifier.stats()).toMatchObject({ position: "21", revocations: 21 });
    expect(verifier.stats().batches).toBeGreaterThanOrEqual(7);
  });

  it("is not ready half-way through", async () => {
    const { sid, token } = await makeToken();
    server.knobs.page = 1;
    for (let at = 0; at < 5; at += 1) server.say({ kind: "token", sid: randomUUID() });
    server.say({ kind: "token", sid });
    server.knobs.change = (batch) => {
      if (batch.payload.to === "3") server.knobs.silent = true;
      return batch;
    };
    const verifier = verifierOf(server);
    await arrives(verifier, "3");
    expect(outcome(verifier.verify(token))).toBe("FEED_STALE");
    expect(verifier.stats()).toMatchObject({ ready: false, age: null });
    server.knobs.silent = false;
    await becomes(verifier, token, "TOKEN_REVOKED");
  });

  it("bears a snapshot of a hundred thousand in a hundred batches", async () => {
    const { sid, token } = await makeToken();
    server.say(...Array.from({ length: 100_000 }, () => ({ kind: "token", sid: randomUUID() })));
    server.say({ kind: "token", sid });
    const verifier = verifierOf(server);
    await verifier.ready(60_000);
    expect(outcome(verifier.verify(token))).toBe("TOKEN_REVOKED");
    const { revocations, revocationBytes, batches } = verifier.stats();
    expect(revocations).toBe(100_001);
    expect(revocationBytes / revocations).toBeLessThan(100);
    expect(batches).toBeGreaterThanOrEqual(101);
  });
});

it("one connection serves for as long as there is news", async () => {
  const verifier = await readyVerifierOf(server, { maxStaleness: 200 });
  const { batches } = verifier.stats();
  // A silence of a second would have ended it.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(verifier.stats().batches).toBeGreaterThan(batches);
  expect(server.resumed).toEqual(["0"]);
});

describe("an interruption", () => {
  it("of a moment is not noticed, and the feed goes on where it was", async () => {
    const verifier = await readyVerifierOf(server);
    const { sid, token } = await makeToken();
    await arrives(verifier, server.say({ kind: "token", sid: randomUUID() }));
    server.cut();
    const position = server.say({ kind: "token", sid });
    expect(outcome(verifier.verify(token))).toBe("accepted");
    await arrives(verifier, position);
    expect(outcome(verifier.verify(token))).toBe("TOKEN_REVOKED");
    expect(server.resumed).toEqual(["0", "1"]);
  });

  it("longer than the bound has everything refused until it is over", async () => {
    const verifier = await readyVerifierOf(server, { maxStaleness: 300 });
    const { sid, token } = await makeToken();
    const ended = await makeToken();
    expect(outcome(verifier.verify(token))).toBe("accepted");
    await server.stop();
    server.say({ kind: "token", sid: ended.sid });
    await becomes(verifier, token, "FEED_STALE");
    expect(verifier.stats()).toMatchObject({
      ready: false,
      problems: { feed: expect.stringContaining("/revocations") },
    });
    await server.start();
    await becomes(verifier, token, "accepted");
    expect(outcome(verifier.verify(ended.token))).toBe("TOKEN_REVOKED");
    expect(verifier.stats()).toMatchObject({ ready: true, problems: { feed: null } });
    await arrives(verifier, server.say({ kind: "token", sid }));
    expect(outcome(verifier.verify(token))).toBe("TOKEN_REVOKED");
  });

  it.each(["auto", "sse", "poll"] as const)("by a feed that says nothing is one too (%s)", async (feed) => {
    const verifier = await readyVerifierOf(server, { maxStaleness: 300, feed });
    const { token } = await makeToken();
    server.knobs.silent = true;
    await becomes(verifier, token, "FEED_STALE");
    server.knobs.silent = false;
    await becomes(verifier, token, "accepted");
  });

  it("by a connection that has died without a word ends by a new one", async () => {
    const verifier = await readyVerifierOf(server, { feed: "sse" });
    const before = server.requests.events ?? 0;
    server.knobs.silent = true;
    await until(() => (server.requests.events ?? 0) > before, "another connection");
    server.knobs.silent = false;
    expect(verifier.stats().ready).toBe(true);
  });
});

it("a database that was set back has the feed read from its beginning", async () => {
  const [early, late] = [await makeToken(), await makeToken()];
  server.say({ kind: "token", sid: early.sid }, { kind: "token", sid: late.sid });
  const verifier = await readyVerifierOf(server, { maxStaleness: 5_000 });
  expect(outcome(verifier.verify(late.token))).toBe("TOKEN_REVOKED");
  server.restore(1);
  await becomes(verifier, late.token, "accepted");
  expect(outcome(verifier.verify(early.token))).toBe("TOKEN_REVOKED");
  expect(server.resumed.slice(0, 3)).toEqual(["0", "2", "0"]);
  expect(verifier.stats()).toMatchObject({ position: "1", revocations: 1 });
});

describe("polling", () => {
  it("serves where it is asked for", async () => {
    const verifier = await readyVerifierOf(server, { feed: "poll" });
    const { sid, token } = await makeToken();
    await arrives(verifier, server.say({ kind: "token", sid }));
    expect(outcome(verifier.verify(token))).toBe("TOKEN_REVOKED");
    expect(server.requests.events).toBeUndefined();
    expect(verifier.stats().transport).toBe("poll");
  });

  it("reads a row of pages without waiting between them", async () => {
    server.knobs.page = 1;
    for (let at = 0; at < 50; at += 1) server.say({ kind: "token", sid: randomUUID() });
    const verifier = await readyVerifierOf(server, { feed: "poll", maxStaleness: 60_000 });
    expect(verifier.stats().revocations).toBe(50);
  });

  it.each(["html", "kept"] as const)("stands in for events that do not get through (%s)", async (events) => {
    server.knobs.events = events;
    const verifier = await readyVerifierOf(server, { feed: "auto" });
    const { sid, token } = await makeToken();
    expect(verifier.stats().transport).toBe("poll");
    await arrives(verifier, server.say({ kind: "token", sid }));
    expect(outcome(verifier.verify(token))).toBe("TOKEN_REVOKED");
  });

  it("does not, where events are insisted on", async () => {
    server.knobs.events = "html";
    const verifier = verifierOf(server, { feed: "sse" });
    await expect(verifier.ready(500)).rejects.toThrow("not an event stream");
    expect(server.requests["/revocations"]).toBeUndefined();
  });

  it("does not stand in for a gateway that was away", async () => {
    const verifier = await readyVerifierOf(server, { feed: "auto" });
    await server.stop();
    await until(() => verifier.stats().problems.feed !== null, "the end to be noticed");
    await server.start();
    await until(() => verifier.stats().problems.feed === null, "the feed to go on");
    expect(verifier.stats().transport).toBe("sse");
  });
});

describe("a gateway that refuses", () => {
  it.each([401, 403, 404, 429, 500, 503])(
    "with %i leaves the verifier unready, and says so",
    async (status) => {
      server.knobs.statuses["/revocations"] = status;
      const verifier = verifierOf(server);
      await expect(verifier.ready(400)).rejects.toThrow(`/revocations: the gateway answers ${status}`);
      expect(server.requests.events).toBeLessThan(8);
      server.knobs.statuses = {};
      await verifier.ready();
    },
  );

  it("another client's secret", async () => {
    const client = { id: "orders", secret: "not-the-secret-of-the-client" };
    const verifier = verifierOf(server, { client });
    const failure = await verifier.ready(300).catch((error: unknown) => String(error));
    expect(failure).toContain("the gateway answers 401");
    expect(failure + JSON.stringify(verifier.stats())).not.toContain(client.secret);
  });

  it("by sending elsewhere is not followed", async () => {
    server.knobs.statuses["/revocations"] = 302;
    const verifier = verifierOf(server);
    await expect(verifier.ready(300)).rejects.toThrow("the gateway answers 302");
  });
});

it("what goes wrong is logged once, and so is the recovery", async () => {
  const lines: string[] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${JSON.stringify(fields)} ${message}`);
  const verifier = await readyVerifierOf(server, { log: { info: write("info"), warn: write("warn") } });
  expect(lines).toEqual([]);
  server.knobs.statuses["/revocations"] = 503;
  server.cut();
  const attempts = () => server.requests.events ?? 0;
  const before = attempts();
  await until(() => attempts() > before + 2, "some attempts");
  server.knobs.statuses = {};
  await until(() => lines.some((line) => line.startsWith("info")), "the recovery");
  const refusals = lines.filter((line) => line.includes("503"));
  expect(refusals).toHaveLength(1);
  expect(lines.filter((line) => line.startsWith("info"))).toHaveLength(1);
  expect(verifier.stats().problems.feed).toBeNull();
});
