import { createThrottleStore } from "../../../src/db/throttle-store.js";
import type { Database } from "../../../src/db/database.js";
import type { Counter } from "../../../src/limits/counter.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { openMigrated } from "../../support/open-test-database.js";

onEachDatabase("the counters of throttling", (create) => {
  let database: TestDatabase;
  let opened: Database;
  let store: ReturnType<typeof createThrottleStore>;

  beforeAll(async () => {
    database = await create();
    opened = await openMigrated(database.url);
    store = createThrottleStore(opened);
  });

  afterAll(async () => {
    await opened.close();
    await database.drop();
  });

  beforeEach(async () => {
    await database.query("DELETE FROM throttle");
  });

  const counterOf = (amount: number, expirationTime = 9_000_000_000_000): Counter => ({
    amount,
    blockedUntil: expirationTime,
    expirationTime,
  });
  const set = (counters: Record<string, Counter>) =>
    store.change(Object.keys(counters), () => Object.values(counters));
  const rows = () => database.query("SELECT name, amount, blockedUntil FROM throttle ORDER BY name");

  it("are changed in the order they are asked for, whatever order they are stored in", async () => {
    await set({ b: counterOf(2), a: counterOf(1), c: counterOf(3) });
    const seen: (number | undefined)[] = [];
    await store.change(["c", "a", "b"], (counters) => {
      seen.push(...counters.map((counter) => counter?.amount));
      return counters.map((counter) => counterOf((counter?.amount ?? 0) * 10));
    });
    expect(seen).toEqual([3, 1, 2]);
    expect((await rows()).map(({ name, amount }) => [name, amount])).toEqual([
      ["a", 10],
      ["b", 20],
      ["c", 30],
    ]);
  });

  it("are not written at all when the change throws", async () => {
    await set({ a: counterOf(1) });
    const refuse = () => {
      throw new Error("on purpose");
    };
    await expect(store.change(["a", "b"], refuse)).rejects.toThrow("on purpose");
    expect((await rows()).map(({ name, amount }) => [name, amount])).toEqual([["a", 1]]);
  });

  it("lose no attempt of those that come at once, on rows that are not there yet", async () => {
    const add = () =>
      store.change(["x", "y"], (counters) =>
        counters.map((counter) => counterOf((counter?.amount ?? 0) + 1)),
      );
    await Promise.all(Array.from({ length: 30 }, add));
    expect((await rows()).map(({ amount }) => amount)).toEqual([30, 30]);
  });

  it("give back one attempt or all, open what they block, and never go below nothing", async () => {
    await set({ a: counterOf(4), b: counterOf(4), c: counterOf(0), d: counterOf(4) });
    await store.undo({ one: ["a", "c"], all: ["b"] });
    expect(
      (await rows()).map(({ name, amount, blockedUntil }) => [name, amount, blockedUntil === 0]),
    ).toEqual([
      ["a", 3, true],
      ["b", 0, true],
      ["c", 0, false],
      ["d", 4, false],
    ]);
    await store.undo({ one: [], all: [] });
    await store.undo({ one: [], all: ["d"] });
    expect((await rows()).map(({ amount }) => amount)).toEqual([3, 0, 0, 0]);
  });

  it("are swept once they have expired, so many at a time", async () => {
    await set({ a: counterOf(1, 10), b: counterOf(1, 20), c: counterOf(1, 30) });
    expect(await store.sweep(new Date(25), 1)).toBe(1);
    expect(await store.sweep(new Date(25), 5)).toBe(1);
    expect(await store.sweep(new Date(25), 5)).toBe(0);
    expect((await rows()).map(({ name }) => name)).toEqual(["c"]);
  });
});
