import type { Socket } from "node:net";
import type { PoolConnection } from "mysql2";
import { createTrust, type IdleCheck, type Trust } from "./connection-trust.js";
import { DeadlineError, withDeadline } from "./deadline.js";
import { ConnectionError, isStaleSession, isUnfitHost } from "./driver-errors.js";

/** Milliseconds for setting up a new connection. Longer than any caller waits: a later caller finds the connection ready. */
const SETUP_MS = 5_000;

/** Where connections come from and return to: the pool itself, or TypeORM's query runner over it. */
export interface ConnectionSource {
  take(): Promise<PoolConnection>;
  release(connection: PoolConnection): unknown;
}

export interface Connections {
  /** Runs work on one connection, within a deadline in milliseconds. */
  use<T>(
    source: ConnectionSource,
    deadlineMs: number,
    work: (connection: PoolConnection) => Promise<T>,
  ): Promise<T>;
  /** Closes all connections immediately, including those that do not answer. */
  cutAll(): void;
}

/**
 * Hands out connections that are set up, each for one unit of work, and closes those that miss a deadline. mysql2 alone
 * would wait for them for ever, and go on using them.
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
  return {
    use: (source, deadlineMs, work) => useWithin(deadlineMs, { ready, trust, cut }, source, work),
    cutAll: () => open.forEach(cut),
  };
}

interface UseParts extends Pick<Preparation, "trust" | "cut"> {
  ready: (source: ConnectionSource) => Promise<PoolConnection>;
}

/** One unit of work. When it misses its deadline, its connection is closed. */
function useWithin<T>(
  deadlineMs: number,
  { ready, trust, cut }: UseParts,
  source: ConnectionSource,
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

interface Preparation {
  setUp: (connection: PoolConnection) => Promise<void>;
  trust: Trust;
  open: Set<PoolConnection>;
  cut: (connection: PoolConnection) => void;
}

/** Takes connections from the source until one can be used. */
function createPreparation({ setUp, trust, open, cut }: Preparation) {
  async function prepare(connection: PoolConnection, source: ConnectionSource): Promise<void> {
    open.add(connection);
    connection.once("end", () => open.delete(connection));
    // An error event without a listener would end the process. The statement gets the same error.
    connection.on("error", () => open.delete(connection));
    try {
      await withDeadline(setUp(connection), SETUP_MS, () => cut(connection));
      trust.answered(connection);
    } catch (error) {
      // A connection that is only half set up must not be used.
      cut(connection);
      source.release(connection);
      throw error;
    }
  }

  return async (source: ConnectionSource): Promise<PoolConnection> => {
    for (;;) {
      const connection = await source.take();
      if (!open.has(connection)) await prepare(connection, source);
      if (trust.in(connection) && (await trust.isAlive(connection))) return connection;
      cut(connection);
    }
  };
}

/**
 * Closes a connection without waiting for the server. mysql2 alone sends a goodbye and keeps the socket until the server
 * has answered. The socket is destroyed with an error, so that the dialer hears of it and tries the next host.
 */
function sever(connection: PoolConnection): void {
  connection.destroy();
  (connection as unknown as { stream: Socket }).stream.destroy(new Error("given up"));
}
