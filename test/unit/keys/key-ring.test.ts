import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify, type JSONWebKeySet } from "jose";
import type { SigningAlgorithm } from "../../../src/config/config.js";
import { ensureSigningKey } from "../../../src/keys/key-lifecycle.js";
import { generateSigningKey } from "../../../src/keys/signing-key.js";
import { createKeyRing } from "../../../src/keys/key-ring.js";
import { MissingSecretError, open, seal } from "../../../src/keys/envelope.js";
import { deriveSecrets } from "../../../src/keys/secrets.js";
import { signUserJwt } from "../../../src/tokens/jwt/sign-jwt.js";
import { createMemoryKeyStore } from "./memory-key-store.js";

const NOW = Date.parse("2030-01-01T12:00:00Z");
const HOUR = 3_600_000;
const ISSUER = "https://auth.example";
const NEW = "the-current-secret-of-enough-length-01";
const OLD = "an-earlier-secret-of-enough-length-000";

function makeRing(options: { algorithm?: SigningAlgorithm; secrets?: string[] } = {}) {
  const store = createMemoryKeyStore();
  const time = { now: NOW };
  const logged: string[] = [];
  const deps = {
    store,
    secrets: deriveSecrets(options.secrets ?? [NEW]),
    algorithm: options.algorithm ?? "ES256",
    clock: () => time.now,
    log: { error: (fields: object) => void logged.push(JSON.stringify(fields)) },
  } as const;
  async function addKey(activeFrom: number, algorithm: SigningAlgorithm = "ES256", secrets = deps.secrets) {
    const key = await generateSigningKey(secrets, { algorithm, createdAt: NOW, activeFrom });
    await store.add(key);
    return key;
  }
  const ensure = () => ensureSigningKey(deps);
  return { store, time, deps, logged, addKey, ensure, ring: createKeyRing(deps) };
}

describe.each(["ES256", "RS256"] as const)("a key set of %s", (algorithm) => {
  it("lets another verifier check what the ring signs", async () => {
    const { ring, ensure } = makeRing({ algorithm });
    await ensure();
    await ring.load();
    const sub = "0198c0de-0000-7000-8000-000000000001";
    const token = signUserJwt(ring.current(), {
      issuer: ISSUER,
      sub,
      sid: sub,
      ver: 0,
      issuedAt: NOW,
      expiresAt: null,
    });
    const keySet = createLocalJWKSet(JSON.parse(ring.jwksDocument().body) as JSONWebKeySet);
    const { payload, protectedHeader } = await jwtVerify(token, keySet, {
      issuer: ISSUER,
      audience: ISSUER,
      algorithms: [algorithm],
      typ: "user+jwt",
      currentDate: new Date(NOW),
    });
    expect(payload.sub).toBe(sub);
    expect(protectedHeader).toEqual({ alg: algorithm, typ: "user+jwt", kid: ring.current().kid });
  });

  it("publishes the public half alone, named by its RFC 7638 thumbprint", async () => {
    const { ring, ensure, store } = makeRing({ algorithm });
    await ensure();
    await ring.load();
    const [jwk] = ring.jwks().keys;
    const members = algorithm === "ES256" ? ["crv", "x", "y"] : ["e", "n"];
    expect(Object.keys(jwk ?? {}).toSorted()).toEqual(["alg", "kid", "kty", "use", ...members].toSorted());
    expect(jwk).toMatchObject({ use: "sig", alg: algorithm });
    expect(jwk?.kid).toBe(await calculateJwkThumbprint(jwk as Parameters<typeof calculateJwkThumbprint>[0]));
    expect(store.rows[0]?.kid).toBe(jwk?.kid);
    expect(JSON.parse(store.rows[0]?.publicJwk ?? "")).toEqual(jwk);
  });
});

describe("ensureSigningKey", () => {
  it("makes one key, active at once, and no second one", async () => {
    const { store, ensure } = makeRing();
    expect(await ensure()).toBe(true);
    expect(await ensure()).toBe(false);
    expect(store.rows).toHaveLength(1);
    expect(store.rows[0]?.activationTime).toEqual(new Date(NOW));
  });

  it("makes one when all there are were dropped, and none because of another algorithm", async () => {
    const { addKey, ensure, store } = makeRing({ algorithm: "RS256" });
    const { kid } = await addKey(NOW - HOUR, "ES256");
    expect(await ensure()).toBe(false);
    await store.drop(kid, new Date(NOW), null);
    expect(await ensure()).toBe(true);
    expect(store.rows.map(({ algorithm }) => algorithm)).toEqual(["ES256", "RS256"]);
  });
});

describe("createKeyRing", () => {
  it("signs with the newest active key and verifies with all of them", async () => {
    const { addKey, ring } = makeRing();
    const older = await addKey(NOW - 2 * HOUR);
    const newer = await addKey(NOW - HOUR);
    await ring.load();
    expect(ring.current().kid).toBe(newer.kid);
    expect(ring.publicKey(older.kid)?.algorithm).toBe("ES256");
    expect(ring.publicKey(older.kid)).toBeDefined();
  });

  it("publishes a key before it signs with it", async () => {
    const { addKey, ring, time } = makeRing();
    const today = await addKey(NOW);
    const tomorrow = await addKey(NOW + HOUR);
    await ring.load();
    expect(ring.jwks().keys.map((key) => key.kid)).toContain(tomorrow.kid);
    expect(ring.publicKey(tomorrow.kid)).toBeDefined();
    time.now = NOW + HOUR - 1;
    expect(ring.current().kid).toBe(today.kid);
    time.now = NOW + HOUR;
    expect(ring.current().kid).toBe(tomorrow.kid);
  });

  it("signs with the first key to come when the time of none has", async () => {
    const { addKey, ring } = makeRing();
    await addKey(NOW + 2 * HOUR);
    const next = await addKey(NOW + HOUR);
    await ring.load();
    expect(ring.current().kid).toBe(next.kid);
  });

  it.each([
    ["dropped", "drop"],
    ["deleted", "remove"],
  ] as const)("forgets a key that was %s at the next load", async (_what, verb) => {
    const { addKey, ring, store } = makeRing();
    const older = await addKey(NOW - HOUR);
    const gone = await addKey(NOW);
    await ring.load();
    await (verb === "drop" ? store.drop(gone.kid, new Date(NOW), null) : store.remove([gone.kid]));
    await ring.load();
    expect(ring.publicKey(gone.kid)).toBeUndefined();
    expect(ring.jwks().keys.map(({ kid }) => kid)).toEqual([older.kid]);
    expect(ring.current().kid).toBe(older.kid);
  });

  it("a load that began earlier does not undo a later one", async () => {
    const { addKey, deps, store } = makeRing();
    const { kid } = await addKey(NOW);
    const before = await store.list();
    const answers: ((rows: typeof before) => void)[] = [];
    const list = () => new Promise<typeof before>((resolve) => void answers.push(resolve));
    const ring = createKeyRing({ ...deps, store: { ...store, list } });
    const [slow, quick] = [ring.load(), ring.load()];
    answers[1]?.([]);
    await quick;
    answers[0]?.(before);
    await slow;
    expect(ring.publicKey(kid)).toBeUndefined();
  });

  it("keepFresh loads when a second has passed, or the clock was set back, and fails closed", async () => {
    const { addKey, deps, store, time } = makeRing();
    await addKey(NOW);
    let lists = 0;
    let down = false;
    const list = async () => {
      lists += 1;
      if (down) throw new Error("down");
      return store.list();
    };
    const ring = createKeyRing({ ...deps, store: { ...store, list } });
    for (const [now, loads] of [
      [NOW, 1],
      [NOW + 999, 1],
      [NOW + 1_000, 2],
      [NOW - HOUR, 3],
    ] as const) {
      time.now = now;
      await ring.keepFresh();
      expect(lists).toBe(loads);
    }
    down = true;
    time.now += 1_000;
    await expect(ring.keepFresh()).rejects.toThrow("down");
    await expect(ring.keepFresh()).rejects.toThrow("down");
  });

  it("has the store keep a key as long as the tokens it signs, with one write a day", async () => {
    const { addKey, ring, store } = makeRing();
    await addKey(NOW);
    await ring.load();
    let writes = 0;
    const { keepUntil } = store;
    store.keepUntil = (kid, until) => ((writes += 1), keepUntil(kid, until));
    const keptUntil = () => store.rows[0]?.tokensUntil.getTime() ?? 0;
    for (const [end, count] of [
      [NOW + HOUR, 1],
      [NOW + 2 * HOUR, 1],
      [NOW + 25 * HOUR, 1],
      [NOW + 25 * HOUR + 1, 2],
    ] as const) {
      expect((await ring.currentUntil(end)).kid).toBe(ring.current().kid);
      expect([writes, keptUntil() >= end]).toEqual([count, true]);
    }
    await ring.currentUntil(null);
    expect(store.rows[0]?.tokensUntil.toISOString()).toBe("9999-12-31T23:59:59.000Z");
    await ring.currentUntil(null);
    expect(writes).toBe(3);
  });

  it("signs no token whose end the store could not be told", async () => {
    const { addKey, deps, store } = makeRing();
    await addKey(NOW);
    const keepUntil = () => Promise.reject(new Error("down"));
    const ring = createKeyRing({ ...deps, store: { ...store, keepUntil } });
    await ring.load();
    await expect(ring.currentUntil(NOW + HOUR)).rejects.toThrow("down");
  });

  it("knows no key by a name that every object has", async () => {
    const { addKey, ring } = makeRing();
    await addKey(NOW);
    await ring.load();
    for (const kid of ["__proto__", "constructor", "toString", ""])
      expect(ring.publicKey(kid)).toBeUndefined();
  });

  it("has no current key before a load and says so", () => {
    const { ring } = makeRing();
    expect(() => ring.current()).toThrow(expect.objectContaining({ code: "INTERNAL_SERVER_ERROR" }));
    expect(ring.jwks()).toEqual({ keys: [] });
  });

  it("gives the same document and tag on every node, whatever order the rows come in", async () => {
    const { addKey, ring, deps, store } = makeRing();
    await addKey(NOW);
    await addKey(NOW);
    await addKey(NOW + HOUR);
    await ring.load();
    const first = ring.jwksDocument();
    const other = createKeyRing({ ...deps, store: { ...store, list: async () => store.rows.toReversed() } });
    await other.load();
    expect(other.jwksDocument()).toEqual(first);
    expect(first.etag).toMatch(/^"[\w-]{43}"$/);
    await addKey(NOW + 2 * HOUR);
    await ring.load();
    expect(ring.jwksDocument().etag).not.toBe(first.etag);
  });

  it("seals a key anew that it finds under an earlier secret", async () => {
    const { addKey, ring, deps, store, logged } = makeRing({ secrets: [NEW, OLD] });
    const { privateKey: before } = { ...(await addKey(NOW, "ES256", deriveSecrets([OLD]))) };
    await ring.load();
    const after = store.rows[0]?.privateKey;
    expect(after).not.toBe(before);
    const withoutOld = createKeyRing({ ...deps, secrets: deriveSecrets([NEW]) });
    await withoutOld.load();
    expect(withoutOld.current().kid).toBe(ring.current().kid);
    await ring.load();
    expect(store.rows[0]?.privateKey).toBe(after);
    expect(logged).toEqual([]);
  });

  it("goes on with a key that another node sealed under a secret it does not have", async () => {
    const { addKey, deps, logged } = makeRing({ secrets: [OLD] });
    const { kid } = await addKey(NOW);
    const ring = createKeyRing(deps);
    await ring.load();
    await createKeyRing({ ...deps, secrets: deriveSecrets([NEW, OLD]) }).load();
    await ring.load();
    expect(ring.current().kid).toBe(kid);
    expect(logged).toEqual([]);
  });

  it("goes on when a key cannot be stored anew", async () => {
    const { addKey, deps, store, logged } = makeRing({ secrets: [NEW, OLD] });
    const key = await addKey(NOW, "ES256", deriveSecrets([OLD]));
    const ring = createKeyRing({
      ...deps,
      store: { ...store, replacePrivateKey: () => Promise.reject(new Error("read-only")) },
    });
    await ring.load();
    expect(ring.current().kid).toBe(key.kid);
    expect(logged).toHaveLength(1);
  });

  it("refuses to load when no key can be opened, names the missing secret, and keeps what it had", async () => {
    const { addKey, deps, logged } = makeRing({ secrets: [OLD] });
    await addKey(NOW);
    const ring = createKeyRing({ ...deps, secrets: deriveSecrets([NEW]) });
    const detail: unknown = expect.stringContaining(deriveSecrets([OLD]).current.id);
    const refusal = ring.load();
    await expect(refusal).rejects.toMatchObject({ code: "INTERNAL_SERVER_ERROR", detail });
    await expect(refusal).rejects.toBeInstanceOf(MissingSecretError);
    // Who asked for the load tells of it.
    expect(logged).toEqual([]);
  });

  it("keeps the keys of the last load when the store fails", async () => {
    const { addKey, deps, store } = makeRing();
    const key = await addKey(NOW);
    let down = false;
    const ring = createKeyRing({
      ...deps,
      store: { ...store, list: () => (down ? Promise.reject(new Error("down")) : store.list()) },
    });
    await ring.load();
    down = true;
    await expect(ring.load()).rejects.toThrow("down");
    expect(ring.current().kid).toBe(key.kid);
  });

  it("leaves out a key that was planted without the secret, and logs no key material", async () => {
    const { addKey, ring, store, logged } = makeRing();
    const ours = await addKey(NOW - HOUR);
    const planted = await addKey(NOW, "ES256", deriveSecrets([OLD]));
    await ring.load();
    expect(ring.publicKey(planted.kid)).toBeUndefined();
    expect(ring.current().kid).toBe(ours.kid);
    expect(logged).toHaveLength(1);
    expect(logged[0]).not.toContain(store.rows[1]?.privateKey);
  });

  it("leaves out a key whose row was given another name or algorithm", async () => {
    const { addKey, ring, store, deps } = makeRing();
    const good = await addKey(NOW - HOUR);
    const renamed = await addKey(NOW);
    const relabelled = await addKey(NOW);
    const { plaintext } = open(renamed.privateKey, deps.secrets, renamed.kid);
    renamed.kid = "../../dev/null";
    renamed.privateKey = seal(plaintext, deps.secrets, renamed.kid);
    relabelled.algorithm = "RS256";
    await ring.load();
    expect(store.rows).toHaveLength(3);
    expect(ring.jwks().keys.map((key) => key.kid)).toEqual([good.kid]);
  });

  it("trusts the sealed half and not the public column", async () => {
    const { addKey, ring } = makeRing();
    const key = await addKey(NOW);
    const published = key.publicJwk;
    key.publicJwk = (
      await generateSigningKey(deriveSecrets([OLD]), {
        algorithm: "ES256",
        createdAt: NOW,
        activeFrom: NOW,
      })
    ).publicJwk;
    await ring.load();
    expect(ring.jwks().keys).toEqual([JSON.parse(published)]);
  });
});
