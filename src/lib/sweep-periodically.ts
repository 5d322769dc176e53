import type { Clock } from "./clock.js";
import type { FlapLog } from "./report-flaps.js";
import { runPeriodically } from "./run-periodically.js";

const SWEEP_EVERY_MS = 3_600_000;

/** Milliseconds: soon after a start, for processes that do not live an hour. */
const FIRST_SWEEP_MS = 60_000;

/** Rows in one transaction. */
const BATCH = 500;

/** Rows that end, and that may be deleted some time later. */
export interface Sweep {
  /** Names the rows in the log, such as `ended tokens`. */
  what: string;
  /** Deletes at most `limit` rows that ended before `before`; resolves with how many. */
  sweep: (before: Date, limit: number) => Promise<number>;
  /** Milliseconds that a row is kept after its end. */
  retentionMs: number;
  clock: Clock;
  log: FlapLog;
}

/**
 * Deletes rows that ended longer than `retentionMs` ago, in short batches, a minute after the start and then every hour.
 *
 * @returns a function that stops it and waits for the batch under way.
 */
export function sweepPeriodically({ what, sweep, retentionMs, clock, log }: Sweep): () => Promise<void> {
  const run = async (isStopping: () => boolean) => {
    const before = new Date(clock() - retentionMs);
    while (!isStopping() && (await sweep(before, BATCH)) === BATCH);
  };
  return runPeriodically({
    what: `the sweep of ${what}`,
    everyMs: SWEEP_EVERY_MS,
    firstMs: FIRST_SWEEP_MS,
    run,
    log,
  });
}
