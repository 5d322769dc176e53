import { Table, type MigrationInterface, type QueryRunner } from "typeorm";
import { columnsFor, TABLE_ENGINE } from "./columns.js";

/**
 * Accounts, their identifiers, tokens and signing keys. Each table is made in
 * one statement with its keys, and only if it is not there: MySQL commits every
 * DDL statement by itself, so a start that was killed half-way is completed by the next.
 */
export class FirstSchema1790000000000 implements MigrationInterface {
  readonly name = "FirstSchema1790000000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables(runner)) await runner.createTable(table, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables(runner).reverse()) await runner.dropTable(table, true);
  }
}

function tables(runner: QueryRunner): Table[] {
  const columns = columnsFor(runner);
  return [userTable(columns), identifierTable(columns), tokenTable(columns), signingKeyTable(columns)];
}

type Columns = ReturnType<typeof columnsFor>;

function userTable({ identifier, text, instant, flag, primary, optional }: Columns): Table {
  return new Table({
    engine: TABLE_ENGINE,
    name: "user",
    columns: [
      primary(identifier("id", 36)),
      text("username", 128),
      optional(text("email", 254)),
      optional(text("phone", 32)),
      identifier("passwordHash", 255),
      text("locale", 35),
      identifier("role", 16),
      flag("enabled"),
      instant("creationTime"),
      optional(instant("lastLoginTime")),
      optional(instant("tokensValidFrom")),
    ],
  });
}

function identifierTable({ identifier, primary }: Columns): Table {
  return new Table({
    engine: TABLE_ENGINE,
    name: "user_identifier",
    columns: [primary(identifier("value", 254)), identifier("kind", 16), identifier("userId", 36)],
    indices: [{ name: "user_identifier_user", columnNames: ["userId"] }],
    foreignKeys: [owner("user_identifier_owner")],
  });
}

function tokenTable({
  identifier,
  text,
  longText,
  instant,
  integer,
  flag,
  primary,
  optional,
}: Columns): Table {
  return new Table({
    engine: TABLE_ENGINE,
    name: "user_token",
    columns: [
      primary(identifier("key", 36)),
      identifier("userId", 36),
      identifier("origin", 16),
      optional(text("note", 255)),
      longText("scopes"),
      flag("enabled"),
      integer("version"),
      instant("creationTime"),
      optional(instant("expirationTime")),
      optional(instant("lastUsageTime")),
      optional(instant("revocationTime")),
      optional(instant("previousVersionUntil")),
      optional(identifier("clientFingerprintHash", 64)),
      optional(text("userAgent", 255)),
      optional(identifier("ip", 45)),
    ],
    indices: [
      { name: "user_token_newest", columnNames: ["userId", "creationTime", "key"] },
      { name: "user_token_expired", columnNames: ["expirationTime"] },
      { name: "user_token_revoked", columnNames: ["revocationTime"] },
    ],
    foreignKeys: [owner("user_token_owner")],
  });
}

function signingKeyTable({ identifier, longText, instant, primary }: Columns): Table {
  return new Table({
    engine: TABLE_ENGINE,
    name: "signing_key",
    columns: [
      primary(identifier("kid", 64)),
      identifier("algorithm", 16),
      longText("publicJwk"),
      longText("privateKey"),
      instant("creationTime"),
      instant("activationTime"),
    ],
  });
}

/** Rows of an account go with it. */
function owner(name: string) {
  return {
    name,
    columnNames: ["userId"],
    referencedTableName: "user",
    referencedColumnNames: ["id"],
    onDelete: "CASCADE",
  };
}
