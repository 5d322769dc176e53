import type { EntityManager, QueryRunner } from "typeorm";

/** Runs units of work. Each has one connection of the database, and runs its statements one after the other. */
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
   * Runs migrations on one connection. On SQLite the work is one transaction, so no other process can write in between. On
   * a server the work opens its own transactions, and may take hours.
   */
  alone<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T>;
  /** What happened to the files of an embedded database; null when they are unchanged, and for a server. */
  fault(thorough?: boolean): string | null;
  /** Closes all connections, quickly even if the database does not answer. */
  close(): Promise<void>;
}
