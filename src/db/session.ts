import type { EntityManager } from "typeorm";

/** Runs work on one connection of the database, one statement after the other. */
export interface Session {
  /** Without a transaction. */
  read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  /** All or nothing. */
  transact<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  /** One prepared SELECT, outside TypeORM's query builder. */
  select(sql: (placeholders: string) => string, values: readonly string[]): Promise<unknown[]>;
  /**
   * Migrations. On SQLite all of it is one transaction, which no other process can come between; on a server the work
   * brings its own connection and transactions.
   */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Ends all connections, in a short time even when the database does not answer. */
  close(): Promise<void>;
}
