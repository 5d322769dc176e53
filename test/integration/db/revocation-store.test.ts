import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../../../src/db/database.js";
import { recordRevocations } from "../../../src/db/record-revocations.js";
import { createRevocationStore } from "../../../src/db/revocation-store.js";
import { entriesFor } from "../../../src/revocation/entries-for.js";
import type { FeedStore } from "../../../src/revocation/feed-store.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { openMigrated } from "../../support/open-test-database.js";

const FAR = Date.parse("2100-01-01");

onEachDatabase("the feed in the database", (create) => {
  let database: TestDatabase;
  /** Two nodes. */
  let nodes: [Database, Database];
  let store: FeedStore;
  let other: FeedStore;

  beforeEach(async () => {
    database = await create();
    nodes = [await openMigrated(database.url), await openMigrated(database.url)];
    [store, other] = [createRevocationStore(nodes[0]), createRevocationStore(nodes[1])];
  });

  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await database.drop();
  });

  /** Commits one entry a subject, in one transaction. */
  const record = (subjects: readonly string[], time = 1_000, expiry: number | null = FAR) => {
    const expirationTime = expiry === null ? null : new Date(expiry);
    const entries = entriesFor.tokensEnded(subjects.map((key) => ({ key, expirationTime })));
    return nodes[0].transact((manager) => recordRevocations(manager, entries, new Date(time)));
  };

  const sequenceAll = async () => {
    while (!(await store.sequence()));
  };
  const subjectsOf = async (after = 0, from = store) =>
    (await from.read(after)).entries.map(({ position, subject }) => `${position} ${subject}`);

  it("is empty at first: at position 0, and nothing waits", async () => {
    expect(await store.read(0)).toEqual({ head: 0, waiting: false, entries: [] });
    expect(await store.sequence()).toBe(true);
  });

  it("an entry waits until it is given a position, the next one after the head", async () => {
    await record(["a"]);
    expect(await store.read(0)).toEqual({ head: 0, waiting: true, entries: [] });
    expect(await store.sequence()).toBe(true);
    expect(await other.read(0)).toEqual({
      head: 1,
      waiting: false,
      entries: [
        { position: 1, kind: "token", subject: "a", instant: null, version: null, expirationTime: FAR },
      ],
    });
  });

  it("gives positions to 500 at once, and says when some are left", async () => {
    await record(Array.from({ length: 1_100 }, (_, i) => String(i)));
    const rounds: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      const all = await store.sequence();
      const { head, waiting } = await store.read(0);
      rounds.push([all, head, waiting]);
    }
    expect(rounds).toEqual([
      [false, 500, true],
      [false, 1_000, true],
      [true, 1_100, false],
      [true, 1_100, false],
    ]);
  });

  it("positions follow the time of the entries that wait together, not their ids", async () => {
    await record(["late"], 3_000);
    await record(["early"], 1_000);
    await record(["middle"], 2_000);
    await sequenceAll();
    expect(await subjectsOf()).toEqual(["1 early", "2 middle", "3 late"]);
  });

  it("entries that were written together keep their order", async () => {
    const subjects = Array.from({ length: 1_200 }, (_, i) => `together-${i}`);
    await record(subjects.slice(0, 700));
    await record(["earlier"], 500);
    await record(subjects.slice(700), 1_001);
    await sequenceAll();
    const given = [...(await store.read(0)).entries, ...(await store.read(1_000)).entries];
    expect(given.map(({ subject }) => subject)).toEqual(["earlier", ...subjects]);
  });

  it("a position is never given again and never changes: what comes later comes after", async () => {
    await record(["late"], 3_000);
    await sequenceAll();
    await record(["early"], 1_000);
    await sequenceAll();
    expect(await subjectsOf()).toEqual(["1 late", "2 early"]);
    expect(await subjectsOf(1)).toEqual(["2 early"]);
    expect(await subjectsOf(2)).toEqual([]);
  });

  it("a page is full at 1,000 entries, and the next goes on where it ended", async () => {
    const subjects = Array.from({ length: 2_300 }, (_, i) => String(i).padStart(4, "0"));
    for (let i = 0; i < 5; i++) await record(subjects.slice(i * 460, (i + 1) * 460), i);
    await sequenceAll();
    const read: number[] = [];
    for (const after of [0, 1_000, 2_000]) {
      const { head, entries } = await store.read(after);
      expect(head).toBe(2_300);
      read.push(...entries.map(({ position }) => position));
      expect(entries).toHaveLength(after === 2_000 ? 300 : 1_000);
    }
    expect(read).toEqual(subjects.map((_, i) => i + 1));
  });

  it("nodes that give positions at once give each entry one, without gaps", async () => {
    const subjects = Array.from({ length: 600 }, () => randomUUID());
    const write = async () => {
      for (let at = 0; at < subjects.length; at += 6) await record(subjects.slice(at, at + 6), at);
    };
    let writing = true;
    const sequence = async (node: FeedStore) => {
      // They leave room for the writers; on SQLite there is one at a time, and a busy machine makes them wait.
      while (writing) {
        await node.sequence().catch(() => false);
        await sleep(1);
      }
    };
    const sequencers = [store, other, store, other].map(sequence);
    await write();
    writing = false;
    await Promise.all(sequencers);
    await sequenceAll();
    const { head, entries } = await store.read(0);
    expect(head).toBe(600);
    expect(entries.map(({ position }) => position)).toEqual(subjects.map((_, i) => i + 1));
    expect(new Set(entries.map(({ subject }) => subject))).toEqual(new Set(subjects));
  });

  it("a transaction that fails leaves no entry", async () => {
    const failing = nodes[0].transact(async (manager) => {
      const entries = entriesFor.tokensEnded([{ key: "a", expirationTime: null }]);
      await recordRevocations(manager, entries, new Date(1));
      throw new Error("on purpose");
    });
    await expect(failing).rejects.toThrow("on purpose");
    expect(await store.read(0)).toEqual({ head: 0, waiting: false, entries: [] });
  });

  it("what concerns no living JWT is swept, waiting or not; what never expires stays", async () => {
    await record(["over"], 1_000, 5_000);
    await record(["never"], 1_000, null);
    await sequenceAll();
    await record(["living"], 1_000, 6_000);
    await record(["waiting"], 1_000, 5_000);
    expect(await store.sweep(new Date(6_000), 10)).toBe(2);
    const { head, entries } = await store.read(0);
    expect(head).toBe(4);
    expect(entries.map(({ subject }) => subject)).toEqual(["never", "living"]);
  });

  it("is swept in batches as large as asked for, and its head stays when all is gone", async () => {
    await record(["a", "b", "c"], 1_000, 5_000);
    await sequenceAll();
    expect([await store.sweep(new Date(9_000), 2), await store.sweep(new Date(9_000), 2)]).toEqual([2, 1]);
    expect(await store.read(0)).toEqual({ head: 3, waiting: false, entries: [] });
    await record(["d"]);
    await sequenceAll();
    expect(await subjectsOf()).toEqual(["4 d"]);
  });
});

onEachDatabase("what is superseded in the database", (create) => {
  let database: TestDatabase;
  let node: Database;

  beforeAll(async () => {
    database = await create();
    node = await openMigrated(database.url);
  });

  afterAll(async () => {
    await node.close();
    await database.drop();
  });

  it("goes in steps from the first entry on, however many there are of one subject, and later ones too", async () => {
    const store = createRevocationStore(node);
    const write = (key: string, count: number, time: number) => {
      const before = { key, enabled: true, expirationTime: null };
      const entries = Array.from({ length: count }, () =>
        entriesFor.tokenChanged(before, { enabled: false }),
      );
      return node.transact((manager) => recordRevocations(manager, entries.flat(), new Date(time)));
    };
    await write("first", 1, 1_000);
    await write("many", 40, 2_000);
    await write("last", 1, 3_000);
    const looked: number[] = [];
    for (let step = 0; step < 6; step++) looked.push(await store.tidy(new Date(0), 10));
    expect(looked).toEqual([10, 10, 10, 10, 2, 0]);
    await write("first", 2, 4_000);
    expect(await store.tidy(new Date(0), 10)).toBe(2);
    const { head, entries } = await store.read(0);
    expect(head).toBe(44);
    expect(entries.map(({ position, subject }) => `${position} ${subject}`)).toEqual([
      "41 many",
      "42 last",
      "44 first",
    ]);
  });
});
