import { loadConfig } from "../../src/config/load-config.js";
import type { DatabaseConfig } from "../../src/config/config.js";
import { openDatabase, type Database } from "../../src/db/database.js";
import { migrate } from "../../src/db/migrate.js";
import { TEST_SECRET } from "./gateway.js";

/** What DATABASE_URL means to the gateway. */
export function databaseConfig(url: string): DatabaseConfig {
  return loadConfig({ DATABASE_URL: url, LATCHKEY_SECRET: TEST_SECRET }).database;
}

/** Opens a database as the gateway does, and brings its schema up to date. */
export async function openMigrated(url: string): Promise<Database> {
  const database = await openDatabase(databaseConfig(url));
  await migrate(database, () => Promise.resolve());
  return database;
}
