import { MigrationExecutor } from "typeorm";
import type { Database } from "./database.js";
import { withLease } from "./lease.js";

/**
 * Brings the schema up to date, then does what must be done once on a new
 * database (`prepare`). Any number of nodes may start at once on an empty one:
 * they take turns under a lease, and all but the first find nothing to do.
 *
 * @returns the names of the migrations that this node ran.
 */
export function migrate(database: Database, prepare: () => Promise<void>): Promise<string[]> {
  return withLease(database, "migrate", async () => {
    const { dataSource } = database;
    // TypeORM's own transactions read before they write: on SQLite another process's write in between ends them.
    const transaction = dataSource.options.type === "mysql" ? "each" : "none";
    const ran = await database.alone((runner) => {
      // What `dataSource.runMigrations` does, on a connection that is set up as all others are.
      const executor = new MigrationExecutor(dataSource, runner);
      executor.transaction = transaction;
      return executor.executePendingMigrations();
    });
    await prepare();
    return ran.map(({ name }) => name);
  });
}
