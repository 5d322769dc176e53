import { join } from "node:path";
import { Piscina } from "piscina";
import { JSON_HEADERS, loginBody, ME_BODY, register } from "./account.mjs";
import { withSqlite } from "./databases.mjs";
import { startGateway } from "./server-process.mjs";
import { load } from "./wrk.mjs";
import { defaultWorkers, readMachine } from "../../dist/config/default-workers.js";

const IN_FLIGHT = 10;

/** Logins against the bare hash, and what a storm of them does to `me`. */
export function measureLogins(seconds) {
  return withSqlite(async (databaseUrl) => {
    const gateway = await startGateway({ databaseUrl });
    try {
      const token = await register(gateway.url, "bench");
      const logins = {
        url: gateway.url,
        headers: JSON_HEADERS,
        body: loginBody("bench"),
        connections: IN_FLIGHT,
      };
      const me = {
        url: gateway.url,
        headers: { ...JSON_HEADERS, authorization: `Bearer ${token}` },
        body: ME_BODY,
        connections: 50,
      };
      await load({ ...me, seconds: 2 });
      const bare = await barePoolRate(seconds);
      const alone = await load({ ...logins, seconds });
      const calm = await load({ ...me, seconds });
      const [storm, stormed] = await Promise.all([
        load({ ...logins, seconds: seconds + 1 }),
        load({ ...me, seconds }),
      ]);
      for (const { failed } of [alone, calm, storm, stormed])
        if (failed > 0) throw new Error(`${failed} requests failed`);
      const ratio = (a, b) => (a / b).toFixed(2);
      return [
        ["bare bcryptjs in workers", bare.toFixed(1), "1.00", "", "", "", ""],
        ["login alone", alone.rate.toFixed(1), ratio(alone.rate, bare), "", "", "", ""],
        ["`me`, calm", "", "", calm.p99.toFixed(1), "1.00", calm.rate.toFixed(0), "1.00"],
        [
          "`me`, in a storm of logins",
          storm.rate.toFixed(1),
          ratio(storm.rate, bare),
          stormed.p99.toFixed(1),
          ratio(stormed.p99, calm.p99),
          stormed.rate.toFixed(0),
          ratio(stormed.rate, calm.rate),
        ],
      ];
    } finally {
      await gateway.stop();
    }
  });
}

/** Verifications per second of bcryptjs alone, in as many threads as the gateway uses. */
async function barePoolRate(seconds) {
  const threads = defaultWorkers(readMachine());
  const pool = new Piscina({
    filename: join(import.meta.dirname, "bcrypt-worker.mjs"),
    minThreads: threads,
    maxThreads: threads,
  });
  await Promise.all(Array.from({ length: threads }, () => pool.run(null)));
  const start = performance.now();
  const end = start + seconds * 1_000;
  let done = 0;
  const lane = async () => {
    while (performance.now() < end) {
      await pool.run(null);
      done++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const rate = done / ((performance.now() - start) / 1_000);
  await pool.destroy();
  return rate;
}
