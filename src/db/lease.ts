import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { Database } from "./database.js";
import { isDuplicate } from "./driver-errors.js";
import { TABLE_ENGINE } from "./migrations/columns.js";

/** Milliseconds: a holder that died frees the lease after so long. */
const LIFETIME_MS = 10_000;
const RENEW_EVERY_MS = 2_500;
const RETRY_EVERY_MS = 100;

/** In a row. A holder at work may keep the database busy; one that is gone must not be waited for without end. */
const MAX_UNAVAILABLE = 5;

/**
 * Does the work while no other node of the same database does work under this
 * name; waits its turn. A row with a primary key and an expiry is the lock,
 * because GET_LOCK does not exist on Galera. The database's clock decides, so
 * nodes with clocks that differ agree.
 */
export async function withLease<T>(database: Database, name: string, work: () => Promise<T>): Promise<T> {
  const lease = leaseRow(database, name, randomUUID());
  await persistently(async () => {
    await lease.prepare();
    return true;
  });
  await persistently(() => lease.take());
  const renewal = setInterval(() => void lease.renew().catch(() => undefined), RENEW_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    // What cannot be given back frees itself.
    await lease.release().catch(() => undefined);
  }
}

/** Until it answers true. */
async function persistently(attempt: () => Promise<boolean>): Promise<void> {
  let unavailable = 0;
  for (;;) {
    try {
      if (await attempt()) return;
      unavailable = 0;
    } catch (error) {
      const passing = error instanceof LatchkeyError && error.code === "SERVICE_UNAVAILABLE";
      unavailable += 1;
      if (!passing || unavailable === MAX_UNAVAILABLE) throw error;
    }
    await sleep(RETRY_EVERY_MS);
  }
}

function leaseRow(database: Database, name: string, holder: string) {
  const mysql = database.dataSource.options.type === "mysql";
  const now = mysql ? "UNIX_TIMESTAMP() * 1000" : "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
  const run = (sql: string, values: string[]) => database.transact((manager) => manager.query(sql, values));
  /** Prolongs the row if the condition holds; true when we hold it then. */
  const refresh = (condition: string, value: string) =>
    database.transact(async (manager) => {
      await manager.query(
        `UPDATE lease SET holder = ?, expirationTime = ${now} + ${LIFETIME_MS} WHERE name = ? AND ${condition}`,
        [holder, name, value],
      );
      const rows: unknown[] = await manager.query("SELECT 1 FROM lease WHERE name = ? AND holder = ?", [
        name,
        holder,
      ]);
      return rows.length === 1;
    });
  return {
    prepare: () =>
      run(
        `CREATE TABLE IF NOT EXISTS lease (name VARCHAR(64) NOT NULL PRIMARY KEY, holder VARCHAR(36) NOT NULL, expirationTime BIGINT NOT NULL)${mysql ? ` ENGINE=${TABLE_ENGINE}` : ""}`,
        [],
      ),
    take: async () => {
      try {
        await run(`INSERT INTO lease (name, holder, expirationTime) VALUES (?, ?, ${now} + ${LIFETIME_MS})`, [
          name,
          holder,
        ]);
        return true;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        return refresh(`expirationTime < ${now} AND name = ?`, name);
      }
    },
    renew: () => refresh("holder = ?", holder),
    release: () => run("DELETE FROM lease WHERE name = ? AND holder = ?", [name, holder]),
  };
}
