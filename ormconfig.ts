import { DataSource } from "typeorm";
import { loadConfig } from "./src/config/load-config.js";
import { dataSourceOptions } from "./src/db/data-source-options.js";
import { createSqliteFile } from "./src/db/sqlite-files.js";

const { database } = loadConfig();
if (database.kind === "sqlite") createSqliteFile(database.path);

/** The configured database, for TypeORM's own command line: `npm run typeorm -- migration:show`. */
export const dataSource = new DataSource(dataSourceOptions(database));
