import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase, type Database } from "../../../src/db/database.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { startProxy, type Proxy } from "../../support/proxy.js";
import { databaseConfig } from "../../support/open-test-database.js";

/** Milliseconds, in place of half a minute. */
const IDLE_CHECK = { afterMs: 20, answerMs: 300 };

/** Seconds until TCP probes each of this machine's connections to a port; none when it never does. Linux counts in hundredths. */
function secondsUntilProbed(port: number): number[] {
  const [, ...lines] = readFileSync("/proc/net/tcp", "utf8").trimEnd().split("\n");
  const rows = lines.map((line) => line.trim().split(/\s+/));
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const open = rows.filter(([, , remote, state]) => remote?.endsWith(`:${hex}`) && state === "01");
  const timers = open.map((row) => row[5]!.split(":"));
  return timers.map(([kind, when]) => (kind === "02" ? parseInt(when!, 16) / 100 : Infinity));
}

onEachDatabase(
  "idle connections",
  (create) => {
    let database: TestDatabase;
    let proxy: Proxy;
    let opened: Database | undefined;

    beforeAll(async () => {
      database = await create();
      proxy = await startProxy(database.url);
    });

    afterEach(async () => {
      await opened?.close();
      opened = undefined;
    });

    afterAll(async () => {
      await proxy.kill();
      await database.drop();
    });

    const one = (at: Database) => at.select("SELECT 1 AS one");
    const two = (at: Database) => at.transact((manager) => manager.query("SELECT 2 AS two"));

    it("that a NAT has forgotten are replaced in time: no request pays for them", async () => {
      const config = databaseConfig(proxy.through(database.url));
      const current = (opened = await openDatabase(config, IDLE_CHECK));
      for (let round = 0; round < 2; round++) {
        // Several of both kinds.
        const work = [one, one, one, two, two, two];
        await Promise.all(work.map((run) => run(current)));
        proxy.forget();
        await sleep(2 * IDLE_CHECK.afterMs);
        expect(await one(current)).toEqual([{ one: 1 }]);
        expect(await two(current)).toEqual([{ two: 2 }]);
      }
    });

    it("that still stand are used again", async () => {
      const current = (opened = await openDatabase(databaseConfig(database.url), IDLE_CHECK));
      const session = () => current.select("SELECT CONNECTION_ID() AS id");
      const first = await session();
      await sleep(2 * IDLE_CHECK.afterMs);
      expect(await session()).toEqual(first);
    });

    (process.platform === "linux" ? it : it.skip).each([1, 2])(
      "are probed by TCP within half a minute, with %i hosts",
      async (hosts) => {
        const { username, pathname } = new URL(database.url);
        const list = [`127.0.0.1:${proxy.port}`, "127.0.0.1:1"].slice(0, hosts).join(",");
        const current = (opened = await openDatabase(
          databaseConfig(`mysql://${username}@${list}${pathname}`),
        ));
        await Promise.all([one(current), two(current)]);
        // Until what was sent has been acknowledged: only then does the timer of the probes run.
        await sleep(100);
        const seconds = secondsUntilProbed(proxy.port);
        expect(seconds.length).toBeGreaterThan(1);
        expect(Math.max(...seconds)).toBeLessThanOrEqual(30);
      },
    );
  },
  ["mariadb", "mysql"],
);
