import { Table, type MigrationInterface, type QueryRunner } from "typeorm";
import { columnsFor, TABLE_ENGINE } from "./columns.js";

/** The counters that guesses and registrations are limited by. */
export class Throttle1790000000030 implements MigrationInterface {
  readonly name = "Throttle1790000000030";

  async up(runner: QueryRunner): Promise<void> {
    const { identifier, integer, instant, primary } = columnsFor(runner);
    const columns = [
      primary(identifier("name", 64)),
      integer("amount"),
      instant("blockedUntil"),
      instant("expirationTime"),
    ];
    const indices = [{ name: "throttle_expired", columnNames: ["expirationTime"] }];
    await runner.createTable(new Table({ engine: TABLE_ENGINE, name: "throttle", columns, indices }), true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable("throttle", true);
  }
}
