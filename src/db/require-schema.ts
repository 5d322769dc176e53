import { statSync } from "node:fs";
import type { DatabaseConfig } from "../config/config.js";
import { describeDatabase } from "../config/describe-database.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { Database } from "./database.js";

/** TypeORM's record of the migrations. Every database that a start has set up has this table, with rows in it. */
const MIGRATION_TABLE = "migration";
const FIRST_ROW = `SELECT name FROM ${MIGRATION_TABLE} LIMIT 1`;

/**
 * For commands that must not create a database. It runs before an embedded database is opened, because opening creates the
 * file. An existing file is only read. For a server it does nothing.
 *
 * @throws NOT_FOUND with the database that was looked for, and what to do.
 */
export async function requireSchemaFile(config: DatabaseConfig): Promise<void> {
  if (config.kind === "sqlite" && !(await fileHasSchema(config.path))) throw noSchema(config);
}

/**
 * The same for a server, once it is open.
 *
 * @throws NOT_FOUND; SERVICE_UNAVAILABLE.
 */
export async function requireServerSchema(database: Database, config: DatabaseConfig): Promise<void> {
  if (config.kind === "mysql" && !(await serverHasSchema(database))) throw noSchema(config);
}

async function fileHasSchema(path: string): Promise<boolean> {
  const file = statSync(path, { throwIfNoEntry: false });
  if (!file || file.size === 0) return false;
  const { default: BetterSqlite3 } = await import("better-sqlite3");
  try {
    const handle = new BetterSqlite3(path, { readonly: true, fileMustExist: true });
    try {
      const table = handle
        .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")
        .get(MIGRATION_TABLE);
      return table !== undefined && handle.prepare(FIRST_ROW).get() !== undefined;
    } finally {
      handle.close();
    }
  } catch {
    // The file is not a database, is locked, or cannot be read. Opening it later reports which.
    return true;
  }
}

function serverHasSchema(database: Database): Promise<boolean> {
  return database.read(async (manager) => {
    const tables: unknown[] = await manager.query(
      "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?",
      [MIGRATION_TABLE],
    );
    if (tables.length === 0) return false;
    const rows: unknown[] = await manager.query(FIRST_ROW);
    return rows.length > 0;
  });
}

function noSchema(config: DatabaseConfig): LatchkeyError {
  const place = describeDatabase(config);
  return new LatchkeyError("NOT_FOUND", {
    message:
      `there is no Latchkey database yet: ${place}. If the gateway uses another database, set DATABASE_URL to it; ` +
      "otherwise start the gateway first, or run `latchkey migrate`",
  });
}
