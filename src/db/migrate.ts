import { MigrationExecutor } from "typeorm";
import type { Database } from "./database.js";
import { withLease } from "./lease.js";

/**
 * Brings the schema up to date, then runs `prepare`, which does what a new database needs once. Any number of nodes may
 * start at the same time on an empty database: they take turns under a lease, and only the first finds work to do.
 *
 * @returns the names of the migrations that this node ran.
 */
export function migrate(database: Database, prepare: () => Promise<void>): Promise<string[]> {
  return withLease(database, "migrate", async () => {
    const { dataSource } = database;
    // TypeORM's own transactions read before they write. On SQLite they fail if another process writes in between.
    const transaction = dataSource.options.type === "mysql" ? "each" : "none";
    const ran = await database.alone((runner) => {
      // Does the same as `dataSource.runMigrations`, but on a connection with our session settings.
      const executor = new MigrationExecutor(dataSource, runner);
      executor.transaction = transaction;
      return executor.executePendingMigrations();
    });
    await prepare();
    return ran.map(({ name }) => name);
  });
}
