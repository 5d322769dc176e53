import type { QueryRunner, TableColumnOptions } from "typeorm";

/**
 * How MySQL and MariaDB store every table, whatever their defaults are: other engines have no transactions and foreign
 * keys, other row formats hold no index over 254 characters, and other character sets lose what is stored as `text`.
 * TypeORM writes it after `ENGINE=` as it stands.
 */
export const TABLE_ENGINE = "InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4";

/**
 * Columns that mean the same on SQLite, MariaDB and MySQL. Text that identifies
 * is compared byte by byte: MySQL's default collations hold `admin`, `ADMIN` and `àdmin` equal.
 */
export function columnsFor(runner: QueryRunner) {
  const mysql = runner.dataSource.options.type === "mysql";
  return {
    identifier: (name: string, length: number): TableColumnOptions => ({
      name,
      type: "varchar",
      length: String(length),
      ...(mysql ? { charset: "utf8mb4", collation: "utf8mb4_bin" } : {}),
    }),
    text: (name: string, length: number): TableColumnOptions => ({
      name,
      type: "varchar",
      length: String(length),
      ...(mysql ? { charset: "utf8mb4" } : {}),
    }),
    longText: (name: string): TableColumnOptions => ({ name, type: "text" }),
    instant: (name: string): TableColumnOptions => ({ name, type: "bigint" }),
    bigint: (name: string): TableColumnOptions => ({ name, type: "bigint" }),
    integer: (name: string): TableColumnOptions => ({ name, type: "int" }),
    flag: (name: string): TableColumnOptions => ({ name, type: mysql ? "tinyint" : "boolean" }),
    primary: (column: TableColumnOptions): TableColumnOptions => ({ ...column, isPrimary: true }),
    optional: (column: TableColumnOptions): TableColumnOptions => ({ ...column, isNullable: true }),
  };
}
