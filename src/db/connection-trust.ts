import type { PoolConnection } from "mysql2";
import { monotonicClock } from "../lib/clock.js";
import { withDeadline } from "./deadline.js";

/** When an idle connection is asked whether it still stands, in milliseconds. */
export interface IdleCheck {
  /** After so long without an answer. Well below the times after which NATs and firewalls forget a connection. */
  afterMs: number;
  /** For the answer. What is left of the deadline must do for a new connection. */
  answerMs: number;
}

const IDLE_CHECK: IdleCheck = { afterMs: 30_000, answerMs: 500 };

/** Which connections may be used, and which are ended instead of tried. */
export interface Trust {
  in(connection: PoolConnection): boolean;
  /** Asks a connection that was idle for long, and answers whether it may be used. */
  stands(connection: PoolConnection): Promise<boolean>;
  answered(connection: PoolConnection): void;
  /** A deadline was missed. */
  missed(): void;
}

/**
 * A server that froze has frozen every connection to it. So once one of them
 * has missed a deadline the others are trusted again only when they have answered: an idle
 * one is ended instead of tried, and one request pays for a frozen server, not one for each connection.
 *
 * A NAT or a firewall in between forgets an idle connection without a word to either side, and what is sent over it then
 * is lost. TCP's own probes prevent most of that (`dial-hosts.ts`). Where they do not, because the machine slept or the
 * NAT was restarted, the first connection that was idle for long is asked, and all of them are replaced in time for the work.
 */
export function createTrust({ afterMs, answerMs }: IdleCheck = IDLE_CHECK): Trust {
  /** When a connection last answered, and how many deadlines had been missed then. */
  const seen = new WeakMap<PoolConnection, { missed: number; at: number }>();
  let count = 0;
  const answered = (connection: PoolConnection) =>
    void seen.set(connection, { missed: count, at: monotonicClock() });
  const missed = () => {
    count += 1;
  };
  return {
    in: (connection) => seen.get(connection)?.missed === count,
    stands: async (connection) => {
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
