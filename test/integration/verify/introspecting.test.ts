import { randomUUID } from "node:crypto";
import { startFeedServer, type FeedServer } from "../../support/verify/feed-server.js";
import { until } from "../../support/until.js";
import { endAll, endings, outcome, readyVerifierOf } from "../../support/verify/verifiers.js";

const INTROSPECT = "/introspect";

let server: FeedServer;
beforeEach(async () => {
  server = await startFeedServer();
  endings.push(() => server.stop());
});
afterEach(endAll);

/** A verifier that knows the keys and has lost the feed. */
async function makeStale(onStale: "introspect" | "refuse" = "introspect") {
  const verifier = await readyVerifierOf(server, { maxStaleness: 200, onStale });
  server.knobs.statuses["/revocations"] = 503;
  server.cut();
  await until(() => !verifier.stats().ready, "staleness");
  return verifier;
}

describe("verifyOnline, while the feed is stale,", () => {
  it("asks the gateway about a token, and believes it", async () => {
    const verifier = await makeStale();
    const [active, ended] = [await server.privilege(), await server.privilege()];
    const { introspect } = server.knobs;
    server.knobs.introspect = (token) => (token === active ? introspect(token) : { active: false });
    expect(outcome(verifier.verify(active))).toBe("FEED_STALE");
    expect(await verifier.verifyOnline(active)).toMatchObject({ ok: true, viewer: { username: "ann" } });
    expect(outcome(await verifier.verifyOnline({ authorization: `Bearer ${ended}` }))).toBe("TOKEN_REVOKED");
    expect(server.requests[INTROSPECT]).toBe(2);
  });

  it.each<[string, unknown]>([
    ["active as text", { active: "true" }],
    ["active as a number", { active: 1 }],
    ["nothing about it", { active: undefined }],
    ["another subject", { sub: randomUUID() }],
    ["no subject", { sub: undefined }],
    ["another role, which the token does not have any more", { role: "viewer" }],
    ["fewer scopes than the token's", { scope: "account:read" }],
    ["no scopes", { scope: undefined }],
    ["scopes as a list", { scope: ["account:read", "tokens:manage"] }],
  ])("does not take %s for a yes", async (_name, changes) => {
    const verifier = await makeStale();
    const { introspect } = server.knobs;
    server.knobs.introspect = (token) => ({ ...(introspect(token) as object), ...(changes as object) });
    expect(outcome(await verifier.verifyOnline(await server.privilege()))).toBe("TOKEN_REVOKED");
  });

  it.each([[[true]], ["yes"], [null], [true]])("does not take %j for an answer", async (answer) => {
    const verifier = await makeStale();
    server.knobs.introspect = () => answer;
    expect(outcome(await verifier.verifyOnline(await server.privilege()))).not.toBe("accepted");
  });

  it("bears scopes that the token does not have", async () => {
    const verifier = await makeStale();
    const { introspect } = server.knobs;
    server.knobs.introspect = (token) => ({
      ...(introspect(token) as object),
      scope: "a tokens:manage b account:read",
    });
    expect(outcome(await verifier.verifyOnline(await server.privilege()))).toBe("accepted");
  });

  it("makes no call for what is refused anyway", async () => {
    const verifier = await makeStale();
    const bad = ["", "x", await server.user(), await server.privilege({ aud: "billing" })];
    bad.push(await server.privilege({ exp: 1 }), await server.privilege({}, { kid: "none" }));
    for (const token of bad) expect(outcome(await verifier.verifyOnline(token))).not.toBe("accepted");
    expect(server.requests[INTROSPECT]).toBeUndefined();
  });

  it.each([401, 500, 503, 302])("refuses when the gateway answers %i", async (status) => {
    const verifier = await makeStale();
    server.knobs.statuses[INTROSPECT] = status;
    const found = await verifier.verifyOnline(await server.privilege());
    expect(found).toEqual({
      ok: false,
      code: "FEED_STALE",
      detail: `${INTROSPECT}: the gateway answers ${status}`,
    });
  });

  it("refuses when the gateway is away", async () => {
    const verifier = await makeStale();
    await server.stop();
    expect(outcome(await verifier.verifyOnline(await server.privilege()))).toBe("FEED_STALE");
  });

  it("asks about no more than a hundred tokens at once", async () => {
    const verifier = await makeStale();
    const token = await server.privilege();
    const found = await Promise.all(Array.from({ length: 300 }, () => verifier.verifyOnline(token)));
    expect(server.requests[INTROSPECT]).toBe(100);
    expect(found.map(outcome).filter((result) => result === "accepted")).toHaveLength(100);
    expect(found.filter((one) => !one.ok && one.code === "FEED_STALE")).toHaveLength(200);
    expect(outcome(await verifier.verifyOnline(token))).toBe("accepted");
  });

  it("makes no call when it was not told to", async () => {
    const verifier = await makeStale("refuse");
    expect(outcome(await verifier.verifyOnline(await server.privilege()))).toBe("FEED_STALE");
    expect(server.requests[INTROSPECT]).toBeUndefined();
  });
});

it("verifyOnline makes no call while the feed is up to now", async () => {
  const verifier = await readyVerifierOf(server, { onStale: "introspect" });
  expect(outcome(await verifier.verifyOnline(await server.privilege()))).toBe("accepted");
  expect(server.requests[INTROSPECT]).toBeUndefined();
});
