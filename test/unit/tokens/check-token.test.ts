import { createSecretKey } from "node:crypto";
import { createTokenCheck } from "../../../src/tokens/check-token.js";
import type { TokenRecord } from "../../../src/tokens/token-store.js";
import { standingWith } from "./records.js";

const KNOWN = { algorithm: "ES256", key: createSecretKey(Buffer.alloc(1)) } as const;

interface Query {
  keys: readonly string[];
  answer(found?: Record<string, TokenRecord>): void;
  fail(error: Error): void;
}

/** A store whose answers come when the test says so. */
function heldStore() {
  const queries: Query[] = [];
  const findRecords = (keys: readonly string[]) =>
    new Promise<Map<string, TokenRecord>>((resolve, reject) => {
      queries.push({ keys, answer: (found = {}) => resolve(new Map(Object.entries(found))), fail: reject });
    });
  return { queries, check: checkOf({ findRecords }) };
}

/** By the key of a token that a key signed which is known. */
function checkOf(store: Parameters<typeof createTokenCheck>[0]) {
  const keys = { keepFresh: async () => undefined, publicKey: () => KNOWN };
  const check = createTokenCheck(store, keys);
  return (sid: string) => check({ sid, kid: "k" });
}

/** Lets all that can go on by itself go on: a few turns of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe("createTokenCheck", () => {
  it("refuses a token whose key was dropped before the query ended, with the row still good", async () => {
    let known: typeof KNOWN | undefined = KNOWN;
    const keys = { keepFresh: async () => void (known = undefined), publicKey: () => known };
    const check = createTokenCheck({ findRecords: async () => new Map([["a", standingWith()]]) }, keys);
    const refused: unknown = expect.objectContaining({ reason: "INVALID_CREDENTIAL" });
    await expect(check({ sid: "a", kid: "k" })).rejects.toEqual(refused);
  });

  it("refuses every token when the keys cannot be read", async () => {
    const error = new Error("the table is gone");
    const keys = { keepFresh: () => Promise.reject(error), publicKey: () => KNOWN };
    const check = createTokenCheck({ findRecords: async () => new Map([["a", standingWith()]]) }, keys);
    await expect(check({ sid: "a", kid: "k" })).rejects.toBe(error);
  });

  it("asks the store for the key, and answers its row", async () => {
    const { queries, check } = heldStore();
    const answer = check("a");
    await settle();
    expect(queries.map(({ keys }) => keys)).toEqual([["a"]]);
    const row = standingWith();
    queries[0]!.answer({ a: row });
    expect(await answer).toBe(row);
  });

  it("answers undefined for an unknown key", async () => {
    const { queries, check } = heldStore();
    const answer = check("a");
    await settle();
    queries[0]!.answer();
    expect(await answer).toBeUndefined();
  });

  it("calls of one moment share one query, each key once", async () => {
    const { queries, check } = heldStore();
    const answers = ["a", "b", "a", "c"].map(check);
    await settle();
    expect(queries.map(({ keys }) => keys)).toEqual([["a", "b", "c"]]);
    const rows = { a: standingWith({ key: "a" }), b: standingWith({ key: "b" }) };
    queries[0]!.answer(rows);
    expect(await Promise.all(answers)).toEqual([rows.a, rows.b, rows.a, undefined]);
  });

  it("a call during a query is never answered by it, but by the next", async () => {
    const { queries, check } = heldStore();
    const first = check("a");
    await settle();
    const second = check("a");
    const old = standingWith({ enabled: true });
    const young = standingWith({ enabled: false });
    queries[0]!.answer({ a: old });
    expect(await first).toBe(old);
    await settle();
    queries[1]!.answer({ a: young });
    expect(await second).toBe(young);
  });

  it("at most one query is under way, and all calls meanwhile share the next one", async () => {
    const { queries, check } = heldStore();
    const waiting = [check("a")];
    for (let round = 0; round < 5; round++) {
      await settle();
      expect(queries).toHaveLength(round + 1);
      for (const key of ["x", "y"]) {
        waiting.push(check(`${key}${round}`));
        await settle();
      }
      expect(queries).toHaveLength(round + 1);
      queries[round]!.answer();
    }
    await settle();
    expect(queries.map(({ keys }) => keys)).toEqual([
      ["a"],
      ...[0, 1, 2, 3, 4].map((n) => [`x${n}`, `y${n}`]),
    ]);
    queries[5]!.answer();
    expect(await Promise.all(waiting)).toHaveLength(11);
  });

  it("a call that comes while the next query is about to start is in it, or in the one after", async () => {
    const { queries, check } = heldStore();
    const waiting = [check("a")];
    await settle();
    waiting.push(check("b"));
    queries[0]!.answer();
    // Between the end of one query and the start of the next lie some microtasks: call in every one of them.
    const late: string[] = [];
    for (let i = 0; i < 8; i++) {
      late.push(`late${i}`);
      const started = queries.length;
      const answer = check(`late${i}`);
      waiting.push(answer);
      // What had started before the call must not hold its key.
      for (const query of queries.slice(0, started)) expect(query.keys).not.toContain(`late${i}`);
      await Promise.resolve();
    }
    await settle();
    queries[1]!.answer();
    await settle();
    queries[2]?.answer();
    await Promise.all(waiting);
    const asked = queries.flatMap(({ keys }) => keys);
    expect([...asked].sort()).toEqual(["a", "b", ...late].sort());
    expect(queries.length).toBeLessThanOrEqual(3);
  });

  it("a query that fails refuses the calls that shared it, and no others", async () => {
    const { queries, check } = heldStore();
    const failed = Promise.allSettled([check("a"), check("b")]);
    await settle();
    const spared = check("c");
    const error = new Error("the database is gone");
    queries[0]!.fail(error);
    expect((await failed).map((result) => "reason" in result && result.reason)).toEqual([error, error]);
    await settle();
    expect(queries[1]!.keys).toEqual(["c"]);
    queries[1]!.answer({ c: standingWith() });
    expect(await spared).toBeDefined();
    const afterwards = check("d");
    await settle();
    queries[2]!.answer({ d: standingWith() });
    expect(await afterwards).toBeDefined();
  });

  it("every answer is younger than its call, whatever the interleaving", async () => {
    let time = 0;
    const findRecords = async (keys: readonly string[]) => {
      const readAt = ++time;
      for (let i = readAt % 4; i > 0; i--) await settle();
      return new Map(keys.map((key) => [key, standingWith({ version: readAt })]));
    };
    const check = checkOf({ findRecords });
    const ages = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        for (let wait = (i * 7) % 11; wait > 0; wait--) await (i % 2 ? settle() : Promise.resolve());
        const calledAt = time;
        const row = await check(`key${i % 5}`);
        return row!.token.version - calledAt;
      }),
    );
    expect(Math.min(...ages)).toBeGreaterThan(0);
    // Younger, and not late: at most the query under way stands before its own.
    expect(Math.max(...ages)).toBeLessThanOrEqual(2);
  });
});
