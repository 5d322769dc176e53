import { generateKeyPairSync, randomUUID } from "node:crypto";
import { startFeedServer, type FeedServer } from "../../support/verify/feed-server.js";
import { makePair, privilegeClaims, signAs, type SigningPair } from "../../support/verify/issuer.js";
import { until } from "../../support/until.js";
import { endAll, endings, outcome, readyVerifierOf, verifierOf } from "../../support/verify/verifiers.js";

const KEYS = "/.well-known/jwks.json";

let server: FeedServer;
beforeEach(async () => {
  server = await startFeedServer();
  endings.push(() => server.stop());
});
afterEach(endAll);

const tokenOf = (pair: SigningPair, header = {}) =>
  signAs(pair, "privilege+jwt", privilegeClaims(server.url), header);
const keyRequests = () => server.requests[KEYS] ?? 0;

describe("a new key", () => {
  it("is known before it signs, by the next scheduled reading", async () => {
    const verifier = await readyVerifierOf(server, { keyRefresh: 1_000 });
    const next = await makePair();
    server.keys.push(next);
    await until(() => verifier.stats().keys === 2, "the new key");
    expect(outcome(verifier.verify(await tokenOf(next)))).toBe("accepted");
  });

  it("that signs too early is refused, and has the keys read again in the background", async () => {
    const verifier = await readyVerifierOf(server, { keyRefresh: 6_000 });
    const next = await makePair();
    server.keys.push(next);
    const token = await tokenOf(next);
    expect(outcome(verifier.verify(token))).toBe("UNKNOWN_KEY");
    await until(() => outcome(verifier.verify(token)) === "accepted", "the new key");
  });

  it("that signs a batch has the keys read again at once, and with that a dropped one refused", async () => {
    const verifier = await readyVerifierOf(server, { keyRefresh: 600_000 });
    const token = await server.privilege();
    expect(outcome(verifier.verify(token))).toBe("accepted");
    server.keys.splice(0, 1, await makePair());
    await until(() => outcome(verifier.verify(token)) === "UNKNOWN_KEY", "the dropped key to go");
    expect(outcome(verifier.verify(await server.privilege()))).toBe("accepted");
  });
});

describe("a key that is no longer published", () => {
  it("is refused from the next reading on, also for tokens that were accepted", async () => {
    const retired = await makePair();
    server.keys.push(retired);
    const verifier = await readyVerifierOf(server, { keyRefresh: 1_000 });
    const tokens = [await tokenOf(retired), await server.privilege()] as const;
    const see = () => tokens.map((token) => outcome(verifier.verify(token)));
    expect(see()).toEqual(["accepted", "accepted"]);
    server.keys.pop();
    await until(() => see()[0] !== "accepted", "the key to go");
    expect(see()).toEqual(["UNKNOWN_KEY", "accepted"]);
    expect(outcome(verifier.verify(await tokenOf(retired)))).toBe("UNKNOWN_KEY");
  });

  it("does not come back when another one takes its name", async () => {
    const first = await makePair();
    server.keys.push(first);
    const verifier = await readyVerifierOf(server, { keyRefresh: 1_000 });
    const token = await tokenOf(first);
    expect(outcome(verifier.verify(token))).toBe("accepted");
    const second = await makePair();
    server.keys[1] = { ...second, kid: first.kid, jwk: { ...second.jwk, kid: first.kid } };
    server.keys.push(await makePair());
    await until(() => verifier.stats().keys === 3, "the other key");
    expect(outcome(verifier.verify(token))).toBe("INVALID_CREDENTIAL");
    expect(outcome(verifier.verify(await tokenOf(server.keys[1])))).toBe("accepted");
  });
});

it("a storm of unknown keys costs the gateway next to nothing", async () => {
  const verifier = await readyVerifierOf(server, { keyRefresh: 6_000 });
  const stranger = await makePair();
  const before = keyRequests();
  const begin = performance.now();
  let seen = 0;
  while (performance.now() - begin < 2_500) {
    const token = await tokenOf(stranger, { kid: randomUUID() });
    expect(outcome(verifier.verify(token))).toBe("UNKNOWN_KEY");
    seen += 1;
  }
  expect(seen).toBeGreaterThan(100);
  const seconds = (performance.now() - begin) / 1000;
  expect(keyRequests() - before).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
  expect(keyRequests() - before).toBeGreaterThan(0);
});

describe("a key set that cannot be read", () => {
  it.each([404, 500, 301])("(status %i) leaves the verifier unready until it can", async (status) => {
    server.knobs.statuses[KEYS] = status;
    const verifier = verifierOf(server);
    await expect(verifier.ready(300)).rejects.toThrow(`${KEYS}: the gateway answers ${status}`);
    expect(outcome(verifier.verify(await server.privilege()))).toBe("NOT_READY");
    server.knobs.statuses = {};
    await verifier.ready();
  });

  it("leaves the keys as they were, for a while", async () => {
    const verifier = await readyVerifierOf(server, { keyRefresh: 1_000 });
    const token = await server.privilege();
    const before = keyRequests();
    server.knobs.statuses[KEYS] = 500;
    await until(() => keyRequests() > before + 1, "some attempts");
    expect(outcome(verifier.verify(token))).toBe("accepted");
    await until(() => outcome(verifier.verify(token)) === "KEYS_STALE", "too long a while");
    server.knobs.statuses = {};
    await until(() => outcome(verifier.verify(token)) === "accepted", "recovery");
  });

  it("keeps keys that are read by others out: short, for another use, of another curve, broken", async () => {
    const [good] = server.keys as [SigningPair];
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
    const curve = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "jwk" });
    const ed = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
    const odd = [
      { ...short, kid: "short" },
      { ...curve, kid: "curve" },
      { ...ed, kid: "ed" },
      { ...good.jwk, kid: "enc", use: "enc" },
      { ...good.jwk, kid: "alg", alg: "ES384" },
      { ...good.jwk, kid: "off", x: good.jwk.y },
      { ...good.jwk, kid: 7 },
      { ...good.jwk, kid: undefined },
      { kty: "oct", k: "c2VjcmV0", kid: "oct", alg: "HS256" },
      null,
      "key",
    ];
    server.keys.push(...odd.map((jwk) => ({ ...good, kid: randomUUID(), jwk: jwk as never })));
    const verifier = await readyVerifierOf(server);
    expect(verifier.stats().keys).toBe(1);
    expect(outcome(verifier.verify(await server.privilege()))).toBe("accepted");
    for (const kid of ["enc", "alg", "off"]) {
      expect(outcome(verifier.verify(await tokenOf(good, { kid })))).toBe("UNKNOWN_KEY");
    }
  });
});
