import type { PoolConnection } from "mysql2";
import { monotonicClock } from "../lib/clock.js";
import { withDeadline } from "./deadline.js";

/** When an idle connection is checked with a ping. */
export interface IdleCheck {
  /** Milliseconds since its last answer. Well below the time after which NATs and firewalls forget a connection. */
  afterMs: number;
  /** Milliseconds that the answer may take. The rest of the deadline must be enough for a new connection. */
  answerMs: number;
}

const IDLE_CHECK: IdleCheck = { afterMs: 30_000, answerMs: 500 };

/** Decides which connections may be used. The others are closed without a try. */
export interface Trust {
  in(connection: PoolConnection): boolean;
  /** Pings a connection that was idle for long. True when it may be used. */
  isAlive(connection: PoolConnection): Promise<boolean>;
  answered(connection: PoolConnection): void;
  /** A deadline was missed. */
  missed(): void;
}

/**
 * When a server freezes, every connection to it freezes. So after one connection has missed a deadline, the others are
 * trusted only once they have answered again. An idle one is closed without a try: one request pays for a frozen server,
 * and not one request for each connection.
 *
 * A NAT or a firewall forgets an idle connection and tells neither side. What is sent over such a connection is lost. TCP's
 * own probes prevent most of that (`dial-hosts.ts`), but not when the machine slept or the NAT was restarted. For these
 * cases the first connection that was idle for long is pinged. If it does not answer, all of them are replaced before the
 * deadline of the work.
 */
export function createTrust({ afterMs, answerMs }: IdleCheck = IDLE_CHECK): Trust {
  /** When each connection last answered, and how many deadlines had been missed by then. */
  const seen = new WeakMap<PoolConnection, { missed: number; at: number }>();
  let count = 0;
  const answered = (connection: PoolConnection) =>
    void seen.set(connection, { missed: count, at: monotonicClock() });
  const missed = () => {
    count += 1;
  };
  return {
    in: (connection) => seen.get(connection)?.missed === count,
    isAlive: async (connection) => {
      if (monotonicClock() - (seen.get(connection)?.at ?? 0) < afterMs) return true;
      try {
        await withDeadline(connection.promise().ping(), answerMs, missed);
        answered(connection);
        return true;
      } catch {
        return false;
      }
    },
    answered,
    missed,
  };
}
