import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { Database } from "./database.js";
import { isDuplicate } from "./driver-errors.js";
import { TABLE_ENGINE } from "./migrations/columns.js";

/** Milliseconds after which the lease of a holder that died is free. */
const LIFETIME_MS = 10_000;
const RENEW_EVERY_MS = 2_500;
const TAKE_RETRY_MS = 100;

/** Failures in a row. The work of the holder may keep the database busy, but a database that is gone must end the wait. */
const MAX_UNAVAILABLE = 5;

/**
 * Waits until no other node of the same database does work under this name, then does the work.
 *
 * The lock is a row with a primary key and an expiry, because Galera has no GET_LOCK. The database's clock decides about
 * the expiry, so nodes whose clocks differ agree.
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
    // A lease that cannot be released expires.
    await lease.release().catch(() => undefined);
  }
}

/** Repeats the attempt until it returns true. */
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
    await sleep(TAKE_RETRY_MS);
  }
}

function leaseRow(database: Database, name: string, holder: string) {
  const mysql = database.dataSource.options.type === "mysql";
  const now = mysql ? "UNIX_TIMESTAMP() * 1000" : "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
  const run = (sql: string, values: string[]) => database.transact((manager) => manager.query(sql, values));
  /** Takes or extends the lease if the condition holds. True when this holder has it now. */
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
