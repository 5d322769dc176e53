import type { Socket } from "node:net";
import type { PoolConnection } from "mysql2";
import { createTrust, type IdleCheck, type Trust } from "./connection-trust.js";
import { DeadlineError, withDeadline } from "./deadline.js";
import { ConnectionError, isStaleSession, isUnfitHost } from "./driver-errors.js";

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
export function createConnections(
  setUp: (connection: PoolConnection) => Promise<void>,
  idleCheck?: IdleCheck,
): Connections {
  const trust = createTrust(idleCheck);
  const open = new Set<PoolConnection>();
  const cut = (connection: PoolConnection) => {
    open.delete(connection);
    sever(connection);
  };
  const ready = createPreparation({ setUp, trust, open, cut });

  async function use<T>(
    source: ConnectionSource,
    deadlineMs: number,
    work: (connection: PoolConnection) => Promise<T>,
  ): Promise<T> {
    let working: PoolConnection | undefined;
    let late = false;
    const whole = async () => {
      const connection = await ready(source).catch((cause: unknown) => {
        throw new ConnectionError(cause);
      });
      try {
        if (late) throw new DeadlineError("no connection in time");
        working = connection;
        const result = await work(connection);
        trust.answered(connection);
        return result;
      } catch (error) {
        if (isUnfitHost(error) || isStaleSession(error)) cut(connection);
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

  return { use, cutAll: () => open.forEach(cut) };
}

interface Preparation {
  setUp: (connection: PoolConnection) => Promise<void>;
  trust: Trust;
  open: Set<PoolConnection>;
  cut: (connection: PoolConnection) => void;
}

/** Takes connections until one is fit for work. */
function createPreparation({ setUp, trust, open, cut }: Preparation) {
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

  return async (source: ConnectionSource): Promise<PoolConnection> => {
    for (;;) {
      const connection = await source.take();
      if (!open.has(connection)) await prepare(connection, source);
      if (trust.in(connection) && (await trust.stands(connection))) return connection;
      cut(connection);
    }
  };
}

/**
 * Ends a connection without asking. mysql2 alone says goodbye, and keeps the socket until the other side has
 * heard; ended by an error it is also heard by the dialer, which tries the next host.
 */
function sever(connection: PoolConnection): void {
  connection.destroy();
  (connection as unknown as { stream: Socket }).stream.destroy(new Error("given up"));
}
