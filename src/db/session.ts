import type { EntityManager, QueryRunner } from "typeorm";

/** Runs work on one connection of the database, one statement after the other. */
export interface Session {
  /** Without a transaction. */
  read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  /** All or nothing. */
  transact<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  /**
   * One prepared SELECT on a connection of the row check, which transactions never occupy. The statement has no parameter,
   * one `?`, or one `IN (?)`, which takes any number of values. Rows of different values come in no particular order.
   */
  select(sql: string, values?: readonly string[]): Promise<unknown[]>;
  /**
   * Migrations, on one connection. On SQLite all of it is one transaction, which no other process can come between; on a
   * server the work brings its own transactions, and has hours.
   */
  alone<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T>;
  /** What has happened to the files of an embedded database; null when they are there, and for a server. */
  fault(thorough?: boolean): string | null;
  /** Ends all connections, in a short time even when the database does not answer. */
  close(): Promise<void>;
}
