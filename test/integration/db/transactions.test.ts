import { setTimeout as sleep } from "node:timers/promises";
import mysql from "mysql2/promise";
import { createAccountStore } from "../../../src/db/account-store.js";
import type { Database } from "../../../src/db/database.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { openMigrated } from "../../support/open-test-database.js";

const ADD_USER =
  "INSERT INTO `user` (id, username, passwordHash, locale, role, enabled, creationTime) VALUES (?, ?, '-', 'en', 'viewer', 1, 0)";
const ADD_TOKEN =
  "INSERT INTO user_token (`key`, userId, origin, scopes, enabled, version, creationTime) VALUES (?, ?, 'login', '', 1, 0, 0)";

onEachDatabase(
  "transactions that meet",
  (create) => {
    let database: TestDatabase;
    let opened: Database;

    beforeAll(async () => {
      database = await create();
      opened = await openMigrated(database.url);
      for (const id of ["ann", "ben"]) await database.query(ADD_USER, [id, id]);
    });

    afterAll(async () => {
      await opened.close();
      await database.drop();
    });

    it("one that loses a deadlock is repeated, and both are done", async () => {
      let runs = 0;
      const touch = (first: string, second: string) =>
        opened.transact(async (manager) => {
          runs += 1;
          await manager.query("UPDATE `user` SET phone = CONCAT(COALESCE(phone, ''), ?) WHERE id = ?", [
            first[0],
            first,
          ]);
          // The first time, both hold one row and want the other's.
          if (runs <= 2) await sleep(200);
          await manager.query("UPDATE `user` SET email = CONCAT(COALESCE(email, ''), ?) WHERE id = ?", [
            first[0],
            second,
          ]);
        });
      await Promise.all([touch("ann", "ben"), touch("ben", "ann")]);
      expect(runs).toBeGreaterThan(2);
      expect(await database.query("SELECT id, phone, email FROM `user` ORDER BY id")).toEqual([
        { id: "ann", phone: "a", email: "b" },
        { id: "ben", phone: "b", email: "a" },
      ]);
    });

    it("disabling an account ends the token of a sign-in that is just under way", async () => {
      const signIn = await mysql.createConnection(database.url);
      await signIn.query("SET SESSION transaction_isolation = 'READ-COMMITTED'").catch(() => undefined);
      await signIn.beginTransaction();
      await signIn.query("UPDATE `user` SET lastLoginTime = 1 WHERE id = 'ann' AND enabled = 1");
      const disabling = createAccountStore(opened, () => undefined).setEnabled("ann", false, new Date(5));
      await sleep(200);
      await signIn.query(ADD_TOKEN, ["of-the-sign-in", "ann"]);
      await signIn.commit();
      await signIn.end();
      expect(await disabling).toBe(true);
      expect(await database.query("SELECT `key`, revocationTime FROM user_token")).toEqual([
        { key: "of-the-sign-in", revocationTime: 5 },
      ]);
    });

    it("a transaction that fails leaves nothing", async () => {
      const failing = opened.transact(async (manager) => {
        await manager.query(ADD_USER, ["carl", "carl"]);
        throw new Error("on purpose");
      });
      await expect(failing).rejects.toThrow("on purpose");
      expect(await database.query("SELECT id FROM `user` WHERE id = 'carl'")).toEqual([]);
    });
  },
  ["mariadb", "mysql"],
);
