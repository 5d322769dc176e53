import { setTimeout as sleep } from "node:timers/promises";
import type { TestDatabase } from "./databases.js";
import type { RunningGateway } from "./gateway.js";

const EVERY_MS = 100;
/** Half of the shortest deadline that a gateway gives its database. */
const SLOW_MS = 700;

/**
 * Somebody who can tell a busy machine from a defect. All the time it has each gateway answer what needs no
 * database, and the database commit what needs no gateway. When one of these takes as long as half of a deadline,
 * the machine is short of time, and a gateway may say 503; when neither does, it has no excuse.
 */
export interface LoadMonitor {
  /** Whether the machine was short of time at some moment since then, by `performance.now()`. */
  sawTrouble(since: number): boolean;
  stop(): Promise<void>;
}

export async function callWitness(
  database: TestDatabase,
  gateways: readonly RunningGateway[],
): Promise<LoadMonitor> {
  await database.query("CREATE TABLE load_monitor (looks INT NOT NULL)");
  await database.query("INSERT INTO load_monitor (looks) VALUES (0)");
  let troubledUntil = -Infinity;
  let lookBegan = performance.now();
  const stopping = new AbortController();

  async function look(): Promise<void> {
    await Promise.all([
      database.query("UPDATE load_monitor SET looks = looks + 1"),
      ...gateways.map(async ({ url }) => (await fetch(`${url}/healthz`)).text()),
    ]);
  }

  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await look();
      const now = performance.now();
      if (now - lookBegan - EVERY_MS > SLOW_MS) troubledUntil = now;
      // The pause counts: this process, too, may get no time.
      lookBegan = now;
      await sleep(EVERY_MS);
    }
  })();

  return {
    sawTrouble: (since) => troubledUntil >= since || performance.now() - lookBegan - EVERY_MS > SLOW_MS,
    stop: async () => {
      stopping.abort();
      await looking;
    },
  };
}
