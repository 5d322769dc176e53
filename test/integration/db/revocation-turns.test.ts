import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import mysql from "mysql2/promise";
import type { EntityManager } from "typeorm";
import type { Database } from "../../../src/db/database.js";
import { recordRevocations } from "../../../src/db/record-revocations.js";
import { createRevocationStore } from "../../../src/db/revocation-store.js";
import { entriesFor } from "../../../src/revocation/entries-for.js";
import type { FeedStore } from "../../../src/revocation/feed-store.js";
import { Role } from "../../../src/entities/role.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { createModel } from "../../support/revocation/model.js";
import { openMigrated } from "../../support/open-test-database.js";

/** A node that is held up before it changes anything, once it has looked. */
function heldUp(node: Database) {
  let proceed: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (proceed = resolve));
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const read: Database["read"] = (work) =>
    node.read((manager) => {
      const query = async (sql: string, values?: unknown[]): Promise<unknown> => {
        if (sql.trimStart().startsWith("UPDATE")) {
          arrive();
          await gate;
        }
        return manager.query(sql, values);
      };
      return work(Object.create(manager, { query: { value: query } }) as typeof manager);
    });
  return { store: createRevocationStore({ ...node, read }), arrived, proceed };
}

/** Commits what followers hear when these tokens end. */
const recordEnded = (node: Database, at: Date, keys: readonly string[]) =>
  node.transact((manager) => {
    const ended = keys.map((key) => ({ key, expirationTime: null }));
    return recordRevocations(manager, entriesFor.tokensEnded(ended), at);
  });

onEachDatabase(
  "a node that is held up between looking for entries and giving positions",
  (create) => {
    let database: TestDatabase;
    let node: Database;
    let store: FeedStore;

    beforeEach(async () => {
      database = await create();
      node = await openMigrated(database.url);
      store = createRevocationStore(node);
    });

    afterEach(async () => {
      await node.close();
      await database.drop();
    });

    const insertAt = (time: number, ...subjects: string[]) => recordEnded(node, new Date(time), subjects);
    const insert = (...subjects: string[]) => insertAt(2_000, ...subjects);
    const subjects = async (after = 0) => (await store.read(after)).entries.map(({ subject }) => subject);

    it("gives none when another has been there meanwhile: nothing is lost, given twice or stepped over", async () => {
      const seen = Array.from({ length: 500 }, (_, i) => `seen-${i}`);
      await insert(...seen);
      const slow = heldUp(node);
      const sequenced = slow.store.sequence();
      await slow.arrived;
      // Older than what it has seen: of that, one is left over for the next statement.
      await insertAt(1_000, "older");
      expect(await store.sequence()).toBe(false);
      const { head } = await store.read(0);
      expect(head).toBe(500);
      await insertAt(500, "oldest");
      slow.proceed();
      expect(await sequenced).toBe(false);
      expect(await subjects()).toEqual(["older", ...seen.slice(0, -1)]);
      expect(await slow.store.sequence()).toBe(true);
      expect(await subjects(head)).toEqual(["oldest", "seen-499"]);
      const { entries } = await store.read(0);
      expect(entries.map(({ position }) => position)).toEqual(entries.map((_, i) => i + 1));
    });

    it("gives its own to what it saw, and what came meanwhile is next", async () => {
      await insert("a");
      const slow = heldUp(node);
      const sequenced = slow.store.sequence();
      await slow.arrived;
      await insertAt(1_000, "b");
      expect(await store.read(0)).toMatchObject({ head: 0, waiting: true, entries: [] });
      slow.proceed();
      expect(await sequenced).toBe(true);
      expect(await store.read(0)).toMatchObject({ head: 1, waiting: true });
      expect(await store.sequence()).toBe(true);
      expect(await subjects()).toEqual(["a", "b"]);
    });
  },
  ["mariadb", "mysql"],
);

onEachDatabase(
  "the feed, with a transaction that stays open",
  (create) => {
    let database: TestDatabase;
    let node: Database;
    let store: FeedStore;
    let slow: mysql.Connection;

    beforeAll(async () => {
      database = await create();
      node = await openMigrated(database.url);
      store = createRevocationStore(node);
      slow = await mysql.createConnection(database.url);
    });

    afterAll(async () => {
      await slow.end();
      await node.close();
      await database.drop();
    });

    const INSERT =
      "INSERT INTO revocation (id, kind, subject, creationTime, expirationTime) VALUES (?, 'token', ?, ?, NULL)";
    const subjects = async (after: number) => (await store.read(after)).entries.map(({ subject }) => subject);
    const insert = (subject: string) => database.query(INSERT, [randomUUID(), subject, 2_000]);

    it("its entry holds nobody up, and is given a position after all that were published before it", async () => {
      await slow.beginTransaction();
      // Older than all others by its time and its id.
      await slow.query(INSERT, ["00000000-0000-0000-0000-000000000000", "late", 1_000]);
      for (const subject of ["a", "b", "c"]) {
        await insert(subject);
        expect(await store.sequence()).toBe(true);
      }
      const { head, waiting } = await store.read(0);
      expect({ head, waiting }).toEqual({ head: 3, waiting: false });
      await slow.commit();
      expect((await store.read(head)).waiting).toBe(true);
      await insert("d");
      expect(await store.sequence()).toBe(true);
      expect((await store.read(head)).entries.map(({ subject }) => subject)).toEqual(["late", "d"]);
    });

    it("what it deletes and writes holds nobody up, and waits for no other that is open", async () => {
      const before = { key: "switched", enabled: true, expirationTime: null };
      const disabled = entriesFor.tokenChanged(before, { enabled: false });
      const write = (manager: EntityManager, count: number, time: Date) =>
        recordRevocations(manager, Array.from({ length: count }, () => disabled).flat(), time);
      // So many of so few that a statement for all of them would scan.
      await node.transact((manager) => write(manager, 30, new Date(2_000)));
      await store.sequence();
      const { head } = await store.read(0);
      await slow.beginTransaction();
      await slow.query(INSERT, ["00000000-0000-0000-0000-000000000001", "uncommitted", 1_000]);
      let finish: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (finish = resolve));
      let written: () => void = () => undefined;
      const hasWritten = new Promise<void>((resolve) => (written = resolve));
      const writing = node.transact(async (manager) => {
        await write(manager, 1, new Date(3_000));
        written();
        await held;
      });
      await Promise.race([hasWritten, writing]);
      await insert("meanwhile");
      expect(await store.sequence()).toBe(true);
      expect(await subjects(head - 2)).toEqual(["switched", "switched", "meanwhile"]);
      finish();
      await writing;
      await slow.rollback();
      await store.sequence();
      expect(await subjects(head - 2)).toEqual(["switched", "meanwhile", "switched"]);
    });

    it("one that rolls back leaves no gap", async () => {
      const { head } = await store.read(0);
      await slow.beginTransaction();
      await slow.query(INSERT, [randomUUID(), "never", 1_000]);
      await insert("e");
      await store.sequence();
      await slow.rollback();
      await insert("f");
      await store.sequence();
      expect((await store.read(head)).entries.map(({ position }) => position)).toEqual([head + 1, head + 2]);
    });
  },
  ["mariadb", "mysql"],
);

onEachDatabase(
  "owners who change their tokens while nodes give positions, sweep and tidy",
  (create) => {
    let database: TestDatabase;
    let nodes: Database[];

    beforeAll(async () => {
      database = await create();
      nodes = [await openMigrated(database.url), await openMigrated(database.url)];
    });

    afterAll(async () => {
      await Promise.all(nodes.map((node) => node.close()));
      await database.drop();
    });

    it("do not get in each other's way, and few entries are left", async () => {
      const worlds = await Promise.all(
        nodes.map((node, i) => createModel(node, `owner-${i}`, Date.parse("2030-01-01"))),
      );
      let working = true;
      const maintenance = nodes.map(async (node) => {
        const store = createRevocationStore(node);
        while (working) {
          await store.sequence();
          await store.tidy(new Date(0), 20);
          await store.sweep(new Date(0), 20);
          await sleep(1);
        }
      });
      const work = worlds.map(async (model) => {
        const keys = [await model.login(null), await model.login(null), await model.login(null)];
        for (let round = 0; round < 15; round++) {
          model.time.now += 1_000;
          const changes = keys.map(async (key) => {
            await model.enable(key, round % 2 === 1);
            await model.rotate(key, 0);
          });
          await Promise.all([...changes, model.setRole(round % 2 ? Role.USER : Role.ADMIN)]);
        }
      });
      await Promise.all(work).finally(() => (working = false));
      await Promise.all(maintenance);
      const store = createRevocationStore(nodes[0]!);
      while ((await store.tidy(new Date("2030-01-02"), 500)) === 500);
      const { entries } = await store.read(0);
      expect(entries.length).toBeGreaterThan(0);
      expect(entries.length).toBeLessThanOrEqual(2 * (3 * 3 + 1));
    });
  },
  ["mariadb", "mysql"],
);
