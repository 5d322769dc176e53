import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import type { Database } from "../../../src/db/database.js";
import { temporaryFolder } from "../../support/gateway.js";
import { openMigrated } from "../../support/open-test-database.js";

describe("the connection to the embedded database", () => {
  const folder = temporaryFolder();
  const path = join(folder.path, "latchkey.sqlite");
  let database: Database;

  beforeAll(async () => {
    database = await openMigrated(`sqlite:${path}`);
  });

  afterAll(async () => {
    await database.close();
    folder.remove();
  });

  const pragma = async (name: string) => {
    const [row] = await database.transact(async (manager) => {
      // Inside a transaction that writes: what holds here is what makes a commit durable.
      await manager.query("UPDATE migration SET name = name");
      return manager.query<Record<string, unknown>[]>(`PRAGMA ${name}`);
    });
    return Object.values(row ?? {})[0];
  };

  it("syncs every commit to the disk before it is acknowledged", async () => {
    expect(await pragma("synchronous")).toBe(2);
  });

  it("writes ahead, so that readers never wait for a writer", async () => {
    expect(await pragma("journal_mode")).toBe("wal");
    const stranger = new BetterSqlite3(path, { readonly: true });
    expect(stranger.pragma("journal_mode", { simple: true })).toBe("wal");
    stranger.close();
  });

  it("enforces foreign keys", async () => {
    expect(await pragma("foreign_keys")).toBe(1);
  });

  it("never lets SQLite wait: that would stop the whole process", async () => {
    expect(await pragma("busy_timeout")).toBe(0);
  });
});
