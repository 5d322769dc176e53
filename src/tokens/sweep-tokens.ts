import type { Logger } from "pino";
import type { Clock } from "../lib/clock.js";
import type { TokenStore } from "./token-store.js";

const SWEEP_EVERY_MS = 3_600_000;
const BATCH = 500;

/** Milliseconds: soon after a start, for processes that do not live an hour. */
const FIRST_SWEEP_MS = 60_000;

interface SweepDeps {
  store: Pick<TokenStore, "sweep">;
  clock: Clock;
  log: Logger;
  /** How long an ended token is kept. */
  retentionMs: number;
  /** For the log. */
  what?: string;
}

/**
 * Deletes tokens that ended longer than `retentionMs` ago, in short batches, a
 * minute after the start and then every hour. A failed sweep waits for the next.
 *
 * @returns what stops it, and waits for a batch that is under way.
 */
export function startSweeping({
  store,
  clock,
  log,
  retentionMs,
  what = "ended tokens",
}: SweepDeps): () => Promise<void> {
  let stopped = false;
  let sweeping: Promise<void> = Promise.resolve();
  const sweep = async () => {
    const before = new Date(clock() - retentionMs);
    while (!stopped && (await store.sweep(before, BATCH)) === BATCH);
  };
  const start = () => {
    sweeping = sweeping.then(sweep).catch((error: unknown) => {
      log.warn({ err: error }, `${what} were not swept`);
    });
  };
  const timers = [setTimeout(start, FIRST_SWEEP_MS).unref(), setInterval(start, SWEEP_EVERY_MS).unref()];
  return () => {
    stopped = true;
    timers.forEach(clearTimeout);
    return sweeping;
  };
}
