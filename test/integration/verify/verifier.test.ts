import { randomUUID } from "node:crypto";
import { startFeedServer, type FeedServer } from "../../support/verify/feed-server.js";
import { until } from "../../support/until.js";
import {
  endAll,
  endings,
  outcome,
  readyVerifierOf,
  userVerifierOf,
  verifierOf,
} from "../../support/verify/verifiers.js";
import { nowSeconds } from "../../support/verify/issuer.js";

let server: FeedServer;
beforeEach(async () => {
  server = await startFeedServer();
  endings.push(() => server.stop());
});
afterEach(endAll);

describe("a verifier", () => {
  it("tells who a privilege token belongs to", async () => {
    const verifier = await readyVerifierOf(server);
    const [sub, sid, iat] = [randomUUID(), randomUUID(), nowSeconds()];
    const token = await server.privilege({ sub, sid, jti: "one", iat, exp: iat + 300 });
    expect(verifier.verify(token)).toEqual({
      ok: true,
      viewer: {
        userId: sub,
        username: "ann",
        role: "user",
        privilegeLevel: 1,
        scopes: ["account:read", "tokens:manage"],
        sid,
        tokenId: "one",
        issuedAt: iat * 1000,
        expiresAt: (iat + 300) * 1000,
      },
    });
  });

  it("makes no call for a request", async () => {
    const verifier = await readyVerifierOf(server);
    const calls = { ...server.requests };
    for (let round = 0; round < 50; round += 1) {
      expect(outcome(verifier.verify(await server.privilege()))).toBe("accepted");
    }
    expect(server.requests).toEqual(calls);
  });

  it("refuses everything before it has reached the gateway, and says what is in the way", async () => {
    const token = await server.privilege();
    await server.stop();
    const verifier = verifierOf(server);
    expect(outcome(verifier.verify(token))).toBe("NOT_READY");
    await expect(verifier.ready(300)).rejects.toThrow(/not ready after 300 ms.*ECONNREFUSED/);
    await server.start();
    await verifier.ready();
    expect(outcome(verifier.verify(token))).toBe("accepted");
  });

  it("hands the same frozen viewer to every request of a token", async () => {
    const verifier = await readyVerifierOf(server);
    const token = await server.privilege({ scope: "" });
    const first = verifier.verify(token);
    const second = verifier.verify([...token].join(""));
    if (!first.ok || !second.ok) throw new Error("a good token was refused");
    expect(second.viewer).toBe(first.viewer);
    const { scopes } = first.viewer;
    expect(scopes).toEqual([]);
    expect(() => (scopes as string[]).push("users:manage")).toThrow(TypeError);
    expect(() => Object.assign(first.viewer, { role: "root" })).toThrow(TypeError);
  });

  it("tells the scopes of each token, whatever the one before had", async () => {
    const verifier = await readyVerifierOf(server);
    const scopesOf = async (scope: string) => {
      const verification = verifier.verify(await server.privilege({ scope }));
      return verification.ok ? verification.viewer.scopes : verification.code;
    };
    for (const scope of ["", "users:read", "", "users:read orders:read", "users:read orders:read"])
      expect(await scopesOf(scope)).toEqual(scope === "" ? [] : scope.split(" "));
  });

  it("verifies without a memory too", async () => {
    const verifier = await readyVerifierOf(server, { cacheSize: 0 });
    const token = await server.privilege();
    expect([verifier.verify(token), verifier.verify(token)].map(outcome)).toEqual(["accepted", "accepted"]);
    expect(verifier.stats().cachedTokens).toBe(0);
  });

  it("counts what it decides", async () => {
    const verifier = await readyVerifierOf(server);
    verifier.verify(await server.privilege());
    verifier.verify({});
    verifier.verify("x");
    const { accepted, refused, ready, keys, cachedTokens, transport, problems } = verifier.stats();
    expect({ accepted, ready, keys, cachedTokens, transport, problems }).toEqual({
      accepted: 1,
      ready: true,
      keys: 1,
      cachedTokens: 1,
      transport: "sse",
      problems: { keys: null, feed: null },
    });
    expect(refused).toMatchObject({ NO_CREDENTIAL: 1, INVALID_CREDENTIAL: 1, TOKEN_REVOKED: 0 });
  });
});

describe("the clock", () => {
  it("ends a token at its exp, also one that was accepted before", async () => {
    const time = { ahead: 0 };
    const verifier = await readyVerifierOf(server, {
      clock: () => Date.now() + time.ahead,
      clockTolerance: 60_000,
    });
    const token = await server.privilege({ exp: nowSeconds() + 20 });
    expect(outcome(verifier.verify(token))).toBe("accepted");
    time.ahead = 20_000;
    expect(outcome(verifier.verify(token))).toBe("TOKEN_EXPIRED");
    expect(outcome(verifier.verify(await server.privilege({ exp: nowSeconds() + 20 })))).toBe(
      "TOKEN_EXPIRED",
    );
    time.ahead = 0;
    expect(outcome(verifier.verify(token))).toBe("accepted");
  });

  it("bears an iat 30 s ahead and no more", async () => {
    const verifier = await readyVerifierOf(server);
    const issued = (ahead: number) => server.privilege({ iat: nowSeconds() + ahead });
    expect(outcome(verifier.verify(await issued(25)))).toBe("accepted");
    expect(outcome(verifier.verify(await issued(40)))).toBe("INVALID_CREDENTIAL");
  });

  it("that goes wrong by itself has nothing accepted", async () => {
    const time = { ahead: 0 };
    const verifier = await readyVerifierOf(server, {
      clock: () => Date.now() + time.ahead,
      maxStaleness: 300,
    });
    const token = await server.privilege({ exp: nowSeconds() + 86_400 });
    for (const ahead of [-3_600_000, 3_600_000]) {
      time.ahead = ahead;
      await until(() => outcome(verifier.verify(token)) !== "accepted");
      expect(["FEED_STALE", "INVALID_CREDENTIAL"]).toContain(outcome(verifier.verify(token)));
      time.ahead = 0;
      await until(() => outcome(verifier.verify(token)) === "accepted");
    }
  });
});

describe("a verifier of user tokens", () => {
  it("tells whose they are, and refuses privilege tokens", async () => {
    const verifier = userVerifierOf(server);
    await verifier.ready();
    const [sub, sid, iat] = [randomUUID(), randomUUID(), nowSeconds()];
    expect(verifier.verify(await server.user({ sub, sid, ver: 3, iat, exp: iat + 60 }))).toEqual({
      ok: true,
      viewer: { userId: sub, sid, version: 3, issuedAt: iat * 1000, expiresAt: (iat + 60) * 1000 },
    });
    expect(outcome(verifier.verify(await server.privilege()))).toBe("WRONG_TOKEN_TYPE");
    expect(outcome(verifier.verify(await server.user({ aud: "supergraph" })))).toBe("INVALID_CREDENTIAL");
  });

  it("accepts one that does not expire by itself", async () => {
    const verifier = userVerifierOf(server);
    await verifier.ready();
    const found = verifier.verify(await server.user({ exp: undefined }));
    expect(found).toMatchObject({ ok: true, viewer: { expiresAt: null } });
  });
});

describe("close", () => {
  it.each(["sse", "poll"] as const)("ends every connection (%s), and refuses from then on", async (feed) => {
    const verifier = await readyVerifierOf(server, { feed });
    const token = await server.privilege();
    expect(outcome(verifier.verify(token))).toBe("accepted");
    await verifier.close();
    expect(outcome(verifier.verify(token))).toBe("NOT_READY");
    expect(outcome(await verifier.verifyOnline(token))).toBe("NOT_READY");
    await expect(verifier.ready()).rejects.toThrow("closed");
    const calls = { ...server.requests };
    await until(async () => (await server.connections()) === 0, "the connections to end");
    expect(server.requests).toEqual(calls);
    await verifier.close();
  });

  it("fails those who wait to be ready", async () => {
    await server.stop();
    const verifier = verifierOf(server);
    const waiting = verifier.ready();
    await Promise.all([expect(waiting).rejects.toThrow("closed"), verifier.close()]);
  });
});
