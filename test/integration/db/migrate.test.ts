import { Worker } from "node:worker_threads";
import { openDatabase } from "../../../src/db/database.js";
import { migrate } from "../../../src/db/migrate.js";
import { onEachDatabase } from "../../support/databases.js";
import { databaseConfig } from "../../support/open-test-database.js";

/** Writes to the file over and over until it is told to stop, as other starts do that ask for the lease. */
const WRITER = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { path, stop } = workerData;
  const handle = new (require("better-sqlite3"))(path, { timeout: 5000 });
  handle.exec("CREATE TABLE stranger (n INTEGER)");
  const write = handle.prepare("INSERT INTO stranger VALUES (1)");
  let writes = 0;
  for (; Atomics.load(stop, 0) === 0; Atomics.wait(stop, 0, 0, 0.1)) {
    write.run();
    writes += 1;
    if (writes === 1) parentPort.postMessage("writes");
  }
  parentPort.postMessage(writes);
`;

const nextMessage = (worker: Worker) =>
  new Promise<unknown>((resolve, reject) => {
    worker.once("message", resolve).once("error", reject);
  });

onEachDatabase(
  "migrations",
  (create) => {
    let writer: Worker | undefined;

    afterEach(async () => {
      await writer?.terminate();
    });

    it("bear another process that writes between what they read and what they write", async () => {
      for (let round = 0; round < 5; round++) {
        const database = await create();
        const opened = await openDatabase(databaseConfig(database.url));
        const stop = new Int32Array(new SharedArrayBuffer(4));
        const path = database.url.slice("sqlite:".length);
        writer = new Worker(WRITER, { eval: true, workerData: { path, stop } });
        expect(await nextMessage(writer)).toBe("writes");
        const ran = await migrate(opened, () => Promise.resolve());
        Atomics.store(stop, 0, 1);
        expect(await nextMessage(writer)).toBeGreaterThan(1);
        expect(ran).toHaveLength(opened.dataSource.migrations.length);
        await opened.close();
        await database.drop();
      }
    });

    it("that fail in the middle leave nothing, and the next start completes them", async () => {
      const database = await create();
      const opened = await openDatabase(databaseConfig(database.url));
      // What the last of them wants to call one of its own.
      await database.query("CREATE TABLE stranger (n INTEGER)");
      await database.query("CREATE INDEX throttle_expired ON stranger (n)");
      const start = () => migrate(opened, () => Promise.resolve());
      await expect(start()).rejects.toThrow("throttle_expired");
      const tables = await database.query(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
      );
      expect(tables.map(({ name }) => name)).toEqual(["lease", "stranger"]);
      await database.query("DROP INDEX throttle_expired");
      expect(await start()).toHaveLength(opened.dataSource.migrations.length);
      await opened.close();
      await database.drop();
    });
  },
  ["sqlite"],
);
