import type { Socket } from "node:net";
import type { PoolConnection } from "mysql2";
import { DeadlineError, withDeadline } from "./deadline.js";
import { isUnfitHost } from "./driver-errors.js";

/** Milliseconds for setting up a new connection. Longer than any caller waits: the next one finds it ready. */
const SETUP_MS = 5_000;

/** Where connections come from and go back to: the pool itself, or TypeORM's query runner over it. */
export interface ConnectionSource {
  take(): Promise<PoolConnection>;
  release(connection: PoolConnection): unknown;
}

export interface Connections {
  /** Does work on one connection, within a deadline in milliseconds. */
  use<T>(
    source: ConnectionSource,
    deadlineMs: number,
    work: (connection: PoolConnection) => Promise<T>,
  ): Promise<T>;
  /** Ends them all at once, also those that do not answer. */
  cutAll(): void;
}

/**
 * Hands out connections that are set up, each for one unit of work, and ends
 * those that do not answer: mysql2 alone waits for ever, and goes on using them.
 */
export function createConnections(setUp: (connection: PoolConnection) => Promise<void>): Connections {
  const trust = createTrust();
  const open = new Set<PoolConnection>();

  async function ready(source: ConnectionSource): Promise<PoolConnection> {
    for (;;) {
      const connection = await source.take();
      if (!open.has(connection)) await prepare(connection, source);
      if (trust.in(connection)) return connection;
      cut(connection);
    }
  }

  async function prepare(connection: PoolConnection, source: ConnectionSource): Promise<void> {
    open.add(connection);
    connection.once("end", () => open.delete(connection));
    // An error event that nobody hears would end the process; what it says also reaches the statement.
    connection.on("error", () => open.delete(connection));
    try {
      await withDeadline(setUp(connection), SETUP_MS, () => cut(connection));
      trust.answered(connection);
    } catch (error) {
      // Half set up, it must not be taken for ready.
      cut(connection);
      source.release(connection);
      throw error;
    }
  }

  async function use<T>(
    source: ConnectionSource,
    deadlineMs: number,
    work: (connection: PoolConnection) => Promise<T>,
  ): Promise<T> {
    let working: PoolConnection | undefined;
    let late = false;
    const whole = async () => {
      const connection = await ready(source);
      try {
        if (late) throw new DeadlineError("no connection in time");
        working = connection;
        const result = await work(connection);
        trust.answered(connection);
        return result;
      } catch (error) {
        if (isUnfitHost(error)) cut(connection);
        throw error;
      } finally {
        source.release(connection);
      }
    };
    return withDeadline(whole(), deadlineMs, () => {
      late = true;
      if (!working) return;
      trust.missed();
      cut(working);
    });
  }

  function cut(connection: PoolConnection): void {
    open.delete(connection);
    sever(connection);
  }

  return { use, cutAll: () => open.forEach(cut) };
}

/**
 * Ends a connection without asking. mysql2 alone says goodbye, and keeps the socket until the other side has
 * heard; ended by an error it is also heard by the dialer, which tries the next host.
 */
function sever(connection: PoolConnection): void {
  connection.destroy();
  (connection as unknown as { stream: Socket }).stream.destroy(new Error("given up"));
}

/**
 * A server that froze has frozen every connection to it. So once one of them
 * has missed a deadline the others are trusted again only when they have answered: an idle
 * one is ended instead of tried, and one request pays for a frozen server, not one for each connection.
 */
function createTrust() {
  /** How many deadlines had been missed when a connection last answered. */
  const seen = new WeakMap<PoolConnection, number>();
  let missed = 0;
  return {
    in: (connection: PoolConnection) => seen.get(connection) === missed,
    answered: (connection: PoolConnection) => void seen.set(connection, missed),
    missed: () => {
      missed += 1;
    },
  };
}
