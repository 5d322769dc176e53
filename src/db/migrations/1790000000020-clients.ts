import { Table, type MigrationInterface, type QueryRunner } from "typeorm";
import { columnsFor, TABLE_ENGINE } from "./columns.js";

/** The services that may ask about other people's tokens. */
export class Clients1790000000020 implements MigrationInterface {
  readonly name = "Clients1790000000020";

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(clientTable(runner), true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(clientTable(runner), true);
  }
}

function clientTable(runner: QueryRunner): Table {
  const { identifier, text, instant, primary, optional } = columnsFor(runner);
  return new Table({
    engine: TABLE_ENGINE,
    name: "client",
    columns: [
      primary(identifier("id", 36)),
      text("name", 128),
      identifier("secretHash", 64),
      instant("creationTime"),
      optional(instant("revocationTime")),
      optional(instant("lastUsageTime")),
    ],
  });
}
