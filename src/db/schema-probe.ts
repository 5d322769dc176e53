import type { DataSource } from "typeorm";

/** What the entities do not know: it is the lock that changes take turns by. */
const LEASE = { table: "lease", columns: ["name", "holder", "expirationTime"] };

/**
 * A statement that reads no row and fails when a table or a column that requests need is missing, or may not be read: to
 * learn that a database can serve, it does not do to learn that it answers.
 */
export function schemaProbe({ entityMetadatas }: DataSource): string {
  const known = entityMetadatas.map(({ tableName, columns }) => ({
    table: tableName,
    columns: columns.map(({ databaseName }) => databaseName),
  }));
  return [...known, LEASE]
    .map(({ table, columns }, at) => {
      const list = columns.map((column) => `\`${column}\``).join(", ");
      return `SELECT 1 AS one FROM (SELECT ${list} FROM \`${table}\` WHERE 1 = 0) AS probed${at}`;
    })
    .join(" UNION ALL ");
}
