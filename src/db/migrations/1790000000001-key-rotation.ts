import { TableColumn, type MigrationInterface, type QueryRunner } from "typeorm";
import { columnsFor } from "./columns.js";

const TABLE = "signing_key";

/** 9999-12-31T23:59:59Z: the end of what never ends. */
const NEVER = 253_402_300_799_000;

/**
 * When a signing key may go: until when its tokens may be good, and whether it was dropped. Each step looks
 * whether it was done before: MySQL commits every one by itself, and a start may have been killed in between.
 */
export class KeyRotation1790000000001 implements MigrationInterface {
  readonly name = "KeyRotation1790000000001";

  async up(runner: QueryRunner): Promise<void> {
    for (const column of newColumns(runner)) {
      if (!(await runner.hasColumn(TABLE, column.name))) await runner.addColumn(TABLE, column);
    }
    // Which key signed a token was not recorded: every one is kept for the token that ends last.
    await runner.query(
      `UPDATE ${TABLE} SET tokensUntil = (SELECT COALESCE(MAX(COALESCE(expirationTime, ${NEVER})), 0) FROM user_token)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    // Without the column a dropped key would be one like the others.
    await runner.query(`DELETE FROM ${TABLE} WHERE dropTime IS NOT NULL`);
    for (const { name } of newColumns(runner)) await runner.dropColumn(TABLE, name);
  }
}

function newColumns(runner: QueryRunner): TableColumn[] {
  const { instant, optional } = columnsFor(runner);
  return [{ ...instant("tokensUntil"), default: 0 }, optional(instant("dropTime"))].map(
    (column) => new TableColumn(column),
  );
}
