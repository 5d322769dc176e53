import { Table, type MigrationInterface, type QueryRunner } from "typeorm";
import { columnsFor, TABLE_ENGINE } from "./columns.js";

/** The revocation feed, and since when the privilege tokens of an account say its present role. */
export class RevocationFeed1790000000010 implements MigrationInterface {
  readonly name = "RevocationFeed1790000000010";

  async up(runner: QueryRunner): Promise<void> {
    const columns = columnsFor(runner);
    await runner.createTable(revocationTable(columns), true);
    await runner.createTable(headTable(columns), true);
    const heads = (await runner.query("SELECT id FROM revocation_head")) as unknown[];
    if (heads.length === 0) await runner.query("INSERT INTO revocation_head (id, position) VALUES (1, 0)");
    // Plain SQL: on SQLite TypeORM would copy the whole table.
    if (!(await runner.hasColumn("user", "privilegesValidFrom"))) {
      await runner.query("ALTER TABLE `user` ADD COLUMN privilegesValidFrom bigint NULL");
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    if (await runner.hasColumn("user", "privilegesValidFrom")) {
      await runner.query("ALTER TABLE `user` DROP COLUMN privilegesValidFrom");
    }
    await runner.dropTable("revocation_head", true);
    await runner.dropTable("revocation", true);
  }
}

type Columns = ReturnType<typeof columnsFor>;

function revocationTable({ identifier, instant, integer, bigint, primary, optional }: Columns): Table {
  return new Table({
    engine: TABLE_ENGINE,
    name: "revocation",
    columns: [
      primary(identifier("id", 36)),
      optional(bigint("position")),
      identifier("kind", 16),
      identifier("subject", 36),
      optional(instant("instant")),
      optional(integer("version")),
      instant("creationTime"),
      optional(instant("expirationTime")),
    ],
    indices: [
      { name: "revocation_position", columnNames: ["position"], isUnique: true },
      { name: "revocation_subject", columnNames: ["subject", "creationTime"] },
      { name: "revocation_expired", columnNames: ["expirationTime"] },
    ],
  });
}

function headTable({ integer, bigint, primary }: Columns): Table {
  return new Table({
    engine: TABLE_ENGINE,
    name: "revocation_head",
    columns: [primary(integer("id")), bigint("position")],
  });
}
