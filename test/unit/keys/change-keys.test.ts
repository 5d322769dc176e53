import type { SigningAlgorithm } from "../../../src/config/config.js";
import { dropKey, listKeys, retireKey, rotateKey, type KeyRecord } from "../../../src/keys/key-lifecycle.js";
import { generateSigningKey } from "../../../src/keys/signing-key.js";
import { deriveSecrets } from "../../../src/keys/secrets.js";
import { maintainKeys } from "../../../src/keys/key-maintenance.js";
import { createMemoryKeyStore } from "./memory-key-store.js";

const NOW = Date.parse("2030-01-01T12:00:00Z");
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const AHEAD = 15 * MINUTE;

function installation(algorithm: SigningAlgorithm = "ES256") {
  const store = createMemoryKeyStore();
  const time = { now: NOW };
  const audited: KeyRecord[] = [];
  const limits: { rotationMs: number | null } = { rotationMs: 90 * DAY };
  const deps = {
    store,
    secrets: deriveSecrets(["the-current-secret-of-enough-length-01"]),
    algorithm,
    clock: () => time.now,
    audit: (record: KeyRecord) => void audited.push(record),
    exclusively: async <T>(work: () => Promise<T>) => work(),
    publishAheadMs: AHEAD,
    retentionMs: 30 * DAY,
  };
  async function add(activeFrom: number, of: SigningAlgorithm = "ES256"): Promise<string> {
    const key = await generateSigningKey(deps.secrets, { algorithm: of, createdAt: NOW, activeFrom });
    await store.add(key);
    return key.kid;
  }
  const states = async () => (await listKeys(deps)).map(({ kid, state }) => [kid, state]);
  const maintain = (atStart = false) => maintainKeys({ ...deps, ...limits }, { atStart });
  return { store, time, audited, limits, deps, add, states, maintain };
}

const by = "cli" as const;
const conflict: Error = expect.objectContaining({ code: "CONFLICT" });
const notFound: Error = expect.objectContaining({ code: "NOT_FOUND" });

describe("a rotation", () => {
  it("publishes the next key, which signs after the window; the one before retires then", async () => {
    const { deps, time, add, states, audited } = installation();
    const before = await add(NOW - DAY);
    const next = await rotateKey(deps, { atOnce: false, by });
    expect(next).toMatchObject({ state: "upcoming", activationTime: new Date(NOW + AHEAD) });
    time.now = NOW + AHEAD - 1;
    expect(await states()).toEqual([
      [next.kid, "upcoming"],
      [before, "signing"],
    ]);
    time.now += 1;
    expect(await states()).toEqual([
      [next.kid, "signing"],
      [before, "retired"],
    ]);
    const signsFrom = new Date(NOW + AHEAD);
    expect(audited).toEqual([{ event: "key.rotated", kid: next.kid, predecessor: before, signsFrom, by }]);
  });

  it("is of the configured algorithm", async () => {
    const { deps, add } = installation("RS256");
    await add(NOW - DAY, "ES256");
    expect((await rotateKey(deps, { atOnce: false, by })).algorithm).toBe("RS256");
  });

  it("is refused while another is under way", async () => {
    const { deps, store, add } = installation();
    await add(NOW - DAY);
    await rotateKey(deps, { atOnce: false, by });
    await expect(rotateKey(deps, { atOnce: false, by })).rejects.toThrow(conflict);
    expect(store.rows).toHaveLength(2);
  });

  it("at once waits for the nodes and not for verifiers", async () => {
    const { deps, add } = installation();
    await add(NOW - DAY);
    const { activationTime } = await rotateKey(deps, { atOnce: true, by });
    // More than the second after which every node has seen it.
    expect(activationTime.getTime()).toBeGreaterThan(NOW + 1_000);
    expect(activationTime.getTime()).toBeLessThan(NOW + 10_000);
    await expect(rotateKey(deps, { atOnce: true, by })).rejects.toThrow(conflict);
  });

  it("at once brings the key forward that is being published", async () => {
    const { deps, store, add } = installation();
    await add(NOW - DAY);
    const next = await rotateKey(deps, { atOnce: false, by });
    const sooner = await rotateKey(deps, { atOnce: true, by });
    expect(sooner.kid).toBe(next.kid);
    expect(sooner.activationTime.getTime()).toBeLessThan(NOW + AHEAD);
    expect(store.rows).toHaveLength(2);
  });

  it("names a key so that it is no option on a command line", async () => {
    const { deps } = installation();
    // One thumbprint in 64 begins with a dash.
    const values = { algorithm: "ES256", createdAt: NOW, activeFrom: NOW } as const;
    for (let round = 0; round < 400; round++) {
      expect((await generateSigningKey(deps.secrets, values)).kid).toMatch(/^[A-Za-z0-9_]/);
    }
  });
});

describe("the normal end of a key", () => {
  it("is refused for the one that signs, even if another is to come", async () => {
    const { deps, add, states } = installation();
    const kid = await add(NOW - DAY);
    await expect(retireKey(deps, kid, by)).rejects.toThrow(conflict);
    const next = await rotateKey(deps, { atOnce: false, by });
    await expect(retireKey(deps, kid, by)).rejects.toThrow(conflict);
    expect(await states()).toEqual([
      [next.kid, "upcoming"],
      [kid, "signing"],
    ]);
  });

  it("calls a key off that has not signed yet", async () => {
    const { deps, time, add, states, audited } = installation();
    const signing = await add(NOW - DAY);
    const upcoming = await add(NOW + AHEAD);
    expect((await retireKey(deps, upcoming, by)).state).toBe("dropped");
    time.now += AHEAD;
    expect(await states()).toEqual([
      [signing, "signing"],
      [upcoming, "dropped"],
    ]);
    expect(audited).toEqual([{ event: "key.retired", kid: upcoming, by }]);
  });

  it("changes nothing about a key that is retired, or dropped, already", async () => {
    const { deps, store, add, audited } = installation();
    const dropped = await add(NOW - 3 * DAY);
    const retired = await add(NOW - 2 * DAY);
    await add(NOW - DAY);
    await store.drop(dropped, new Date(NOW), null);
    const before = await store.list();
    expect((await retireKey(deps, retired, by)).state).toBe("retired");
    expect((await retireKey(deps, dropped, by)).state).toBe("dropped");
    expect(await store.list()).toEqual(before);
    expect(audited).toEqual([]);
  });

  it.each(["", "nothing", "__proto__", "' OR 1=1 --", "a".repeat(10_000)])(
    "of %j, which is no key, is refused",
    async (kid) => {
      const { deps, add } = installation();
      await add(NOW);
      await expect(retireKey(deps, kid, by)).rejects.toThrow(notFound);
      await expect(dropKey(deps, kid, by)).rejects.toThrow(notFound);
    },
  );
});

describe("the end of a compromised key", () => {
  it("that signs: a new one takes over in the same moment, and no earlier one signs again", async () => {
    const { deps, store, add, states, audited } = installation();
    const earlier = await add(NOW - 2 * DAY);
    const kid = await add(NOW - DAY);
    const { key, successor } = await dropKey(deps, kid, by);
    expect(key).toMatchObject({ kid, state: "dropped", dropTime: new Date(NOW) });
    expect(await states()).toEqual([
      [successor?.kid, "signing"],
      [earlier, "retired"],
      [kid, "dropped"],
    ]);
    expect(store.rows.find((row) => row.kid === kid)?.privateKey).toBe("");
    expect(audited).toEqual([{ event: "key.dropped", kid, successor: successor?.kid, by }]);
  });

  it("that signs: of those that are being published, the first to come takes over", async () => {
    const { deps, add, states } = installation();
    const kid = await add(NOW - DAY);
    const last = await add(NOW + 2 * AHEAD);
    const next = await add(NOW + AHEAD);
    const { successor } = await dropKey(deps, kid, by);
    expect(successor).toMatchObject({ kid: next, state: "signing" });
    expect(await states()).toEqual([
      [last, "upcoming"],
      [next, "signing"],
      [kid, "dropped"],
    ]);
  });

  it.each([
    ["is retired", -2 * DAY],
    ["has not signed yet", AHEAD],
  ])("that %s: the one that signs goes on", async (_what, activeFrom) => {
    const { deps, add, states } = installation();
    const signing = await add(NOW - DAY);
    const kid = await add(NOW + activeFrom);
    expect((await dropKey(deps, kid, by)).successor).toBeNull();
    expect(await states()).toEqual([
      [signing, "signing"],
      [kid, "dropped"],
    ]);
  });

  it("comes once", async () => {
    const { deps, time, store, add, audited } = installation();
    const kid = await add(NOW - DAY);
    await dropKey(deps, kid, by);
    const before = await store.list();
    time.now += DAY;
    expect(await dropKey(deps, kid, by)).toMatchObject({ key: { dropTime: new Date(NOW) }, successor: null });
    expect(await store.list()).toEqual(before);
    expect(audited).toHaveLength(1);
  });
});

describe("what a node does by itself", () => {
  it("publishes the next key when the present one has signed for long enough, and only then", async () => {
    const { deps, time, add, maintain, states, audited } = installation();
    const kid = await add(NOW);
    time.now = NOW + 90 * DAY - 1;
    await maintain();
    expect(await states()).toEqual([[kid, "signing"]]);
    time.now += 1;
    await maintain();
    await maintain();
    const [next] = await listKeys(deps);
    expect(next).toMatchObject({ state: "upcoming", activationTime: new Date(NOW + 90 * DAY + AHEAD) });
    expect(audited).toMatchObject([
      { event: "key.rotated", kid: next?.kid, predecessor: kid, by: "schedule" },
    ]);
    time.now += AHEAD;
    await maintain();
    expect(await states()).toEqual([
      [next?.kid, "signing"],
      [kid, "retired"],
    ]);
  });

  it("never rotates when that is set", async () => {
    const { time, add, maintain, store, limits } = installation();
    limits.rotationMs = null;
    await add(NOW);
    time.now += 100 * 365 * DAY;
    await maintain();
    expect(store.rows).toHaveLength(1);
  });

  it("takes a changed algorithm up at a start, once", async () => {
    const { time, add, maintain, deps } = installation("RS256");
    await add(NOW - DAY, "ES256");
    await maintain();
    expect(await listKeys(deps)).toHaveLength(1);
    await maintain(true);
    await maintain(true);
    time.now += AHEAD;
    await maintain(true);
    expect((await listKeys(deps)).map(({ algorithm, state }) => [algorithm, state])).toEqual([
      ["RS256", "signing"],
      ["ES256", "retired"],
    ]);
  });

  it("deletes a retired key once no token needs it, and never one that signed a token without an end", async () => {
    const { time, store, add, maintain, states, limits, audited } = installation();
    limits.rotationMs = null;
    const forGood = await add(NOW - 3 * DAY);
    const kid = await add(NOW - 2 * DAY);
    const signing = await add(NOW - DAY);
    await store.keepUntil(kid, new Date(NOW + 30 * DAY));
    await store.keepUntil(forGood, new Date("9999-12-31T23:59:59Z"));
    time.now = NOW + 30 * DAY + 60 * MINUTE - 1;
    await maintain();
    expect(await states()).toHaveLength(3);
    time.now += 1;
    await maintain();
    expect(await states()).toEqual([
      [signing, "signing"],
      [forGood, "retired"],
    ]);
    expect(audited).toEqual([{ event: "key.removed", kid, by: "schedule" }]);
    time.now += 100 * 365 * DAY;
    await maintain();
    expect(await states()).toHaveLength(2);
  });

  it("remembers a dropped key for as long as it is told to", async () => {
    const { time, add, maintain, states, deps, limits } = installation();
    limits.rotationMs = null;
    const kid = await add(NOW - DAY);
    const { successor } = await dropKey(deps, kid, by);
    time.now = NOW + 30 * DAY - 1;
    await maintain();
    expect(await states()).toHaveLength(2);
    time.now += 1;
    await maintain();
    expect(await states()).toEqual([[successor?.kid, "signing"]]);
  });
});
