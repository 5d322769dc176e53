import type { DataSource, Table, TableColumn } from "typeorm";
import type { Database } from "../../../src/db/database.js";
import { migrate } from "../../../src/db/migrate.js";
import { migrations } from "../../../src/db/migrations/index.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { openMigrated } from "../../support/open-test-database.js";

type ColumnMetadata = DataSource["entityMetadatas"][number]["columns"][number];

/** Text by which rows are found, told apart or decided on: compared byte by byte. */
const IDENTIFYING = [
  "client.id",
  "client.secretHash",
  "revocation.id",
  "revocation.kind",
  "revocation.subject",
  "signing_key.algorithm",
  "signing_key.kid",
  "throttle.name",
  "user.id",
  "user.passwordHash",
  "user.role",
  "user_identifier.kind",
  "user_identifier.userId",
  "user_identifier.value",
  "user_token.clientFingerprintHash",
  "user_token.ip",
  "user_token.key",
  "user_token.origin",
  "user_token.userId",
];

/** The databases have several names for one type. */
const sameType = (type: string) => type.replace("integer", "int").replace("tinyint", "boolean");

const noWork = () => Promise.resolve();

onEachDatabase("the schema", (create) => {
  let database: TestDatabase;
  let opened: Database;

  beforeAll(async () => {
    database = await create();
    opened = await openMigrated(database.url);
  });

  afterAll(async () => {
    await opened.close();
    await database.drop();
  });

  const tables = (): Promise<Table[]> =>
    opened.dataSource
      .createQueryRunner()
      .getTables(opened.dataSource.entityMetadatas.map(({ tableName }) => tableName));

  it("is made once: a second run finds nothing to do", async () => {
    expect(await migrate(opened, noWork)).toEqual([]);
    const rows = await database.query("SELECT name FROM migration ORDER BY id");
    expect(rows.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name));
  });

  it("has exactly the columns that the entities know, of their types", async () => {
    const made = (column: TableColumn) => ({
      name: column.name,
      type: sameType(column.type),
      length: column.type === "varchar" ? column.length : "",
      nullable: column.isNullable,
      primary: column.isPrimary,
    });
    const known = (column: ColumnMetadata) => ({
      name: column.databaseName,
      type: sameType(opened.dataSource.driver.normalizeType(column)),
      length: column.type === "varchar" ? column.length : "",
      nullable: column.isNullable,
      primary: column.isPrimary,
    });
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    const found = new Map(
      (await tables()).map(({ name, columns }) => [name.split(".").pop(), columns.map(made).sort(byName)]),
    );
    for (const { tableName, columns } of opened.dataSource.entityMetadatas) {
      expect([tableName, found.get(tableName)]).toEqual([tableName, columns.map(known).sort(byName)]);
    }
  });

  it("ties identifiers and tokens to their account, and finds tokens by account, expiry and revocation", async () => {
    // MySQL tells TypeORM the columns of an index in any order.
    const listed = (columns: string[]) => (database.kind === "mysql" ? columns.toSorted() : columns).join();
    const shape = Object.fromEntries(
      (await tables()).map(({ name, foreignKeys, indices }) => [
        name.split(".").pop(),
        {
          references: foreignKeys.map((key) => [key.columnNames, key.referencedColumnNames, key.onDelete]),
          indices: indices.map(({ columnNames }) => listed(columnNames)).sort(),
        },
      ]),
    );
    const owner = [[["userId"], ["id"], "CASCADE"]];
    expect(shape).toEqual({
      client: { references: [], indices: [] },
      revocation: {
        references: [],
        indices: ["expirationTime", "position", listed(["subject", "creationTime"])].sort(),
      },
      revocation_head: { references: [], indices: [] },
      signing_key: { references: [], indices: [] },
      throttle: { references: [], indices: ["expirationTime"] },
      user: { references: [], indices: [] },
      user_identifier: { references: owner, indices: ["userId"] },
      user_token: {
        references: owner,
        indices: ["expirationTime", "revocationTime", listed(["userId", "creationTime", "key"])].sort(),
      },
    });
  });

  it("compares what identifies byte by byte", async () => {
    const runner = opened.dataSource.createQueryRunner();
    if (database.kind !== "sqlite") {
      const rows = await database.query(
        `SELECT CONCAT(table_name, '.', column_name) AS name FROM information_schema.columns
         WHERE table_schema = DATABASE() AND table_name IN ('user', 'user_identifier', 'user_token', 'signing_key', 'client', 'throttle', 'revocation', 'revocation_head')
         AND collation_name LIKE '%\\_bin' ORDER BY name`,
      );
      expect(rows.map(({ name }) => name)).toEqual(IDENTIFYING);
    }
    await runner.query(
      "INSERT INTO `user` (id, username, passwordHash, locale, role, enabled, creationTime) VALUES ('u', 'admin', '-', 'en', 'viewer', 1, 0)",
    );
    const identify = (value: string) =>
      runner.query("INSERT INTO user_identifier (value, kind, userId) VALUES (?, 'username', 'u')", [value]);
    await identify("admin");
    const find = (value: string) => runner.query("SELECT kind FROM user_identifier WHERE value = ?", [value]);
    for (const other of [
      "ADMIN",
      "ADMIN ",
      "Admin",
      "àdmin",
      "ádmin",
      "admın",
      "ａｄｍｉｎ",
      "admi",
      "admin\u0000",
      "0",
    ]) {
      expect([other, await find(other)]).toEqual([other, []]);
    }
    expect(await find("admin")).toHaveLength(1);
    await identify("ADMIN");
    await identify("àdmin");
    await expect(identify("admin")).rejects.toThrow();
    await runner.query("DELETE FROM `user`");
    expect(await runner.query("SELECT value FROM user_identifier")).toEqual([]);
    await runner.release();
  });

  it("can be taken down again, and made anew", async () => {
    const names = async () => {
      const sql =
        database.kind === "sqlite"
          ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
          : "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY name";
      return (await database.query(sql)).map(({ name }) => name);
    };
    const whole = await names();
    for (const _ of migrations) await opened.dataSource.undoLastMigration();
    expect(await names()).toEqual(["lease", "migration"]);
    expect(await migrate(opened, noWork)).toEqual(migrations.map(({ name }) => name));
    expect(await names()).toEqual(whole);
  });
});
