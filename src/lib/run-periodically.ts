import type { Clock } from "./clock.js";
import { createFlapReporter, type FlapLog } from "./report-flaps.js";

/** Work that a process does again and again by itself. */
export interface PeriodicWork {
  /** Names the work in the log, such as `the sweep of ended tokens`. */
  what: string;
  /** Milliseconds from the beginning of one run to the beginning of the next. */
  everyMs: number;
  /** Milliseconds until the first run: `everyMs` when left out, 0 for at once. */
  firstMs?: number;
  /** One run. Between its steps it asks `isStopping`, and ends early when that is true. */
  run: (isStopping: () => boolean) => Promise<void>;
  log: FlapLog;
}

/**
 * Runs work periodically, never twice at a time: a run that is due while one is under way is left out. A run that
 * fails is reported once; the next one tries again. Its timers keep no process alive.
 *
 * @returns a function that stops it and waits for the run under way.
 */
export function runPeriodically({
  what,
  everyMs,
  firstMs = everyMs,
  run,
  log,
}: PeriodicWork): () => Promise<void> {
  const reporter = createFlapReporter(log, {
    failing: `${what} fails and is tried again`,
    recovered: `${what} works again`,
  });
  let isStopping = false;
  let running: Promise<void> | null = null;
  const start = () => {
    running ??= run(() => isStopping)
      .then(reporter.succeeded, reporter.failed)
      .finally(() => {
        running = null;
      });
  };
  if (firstMs === 0) start();
  const timers = [setInterval(start, everyMs).unref()];
  if (firstMs > 0 && firstMs !== everyMs) timers.push(setTimeout(start, firstMs).unref());
  return async () => {
    isStopping = true;
    timers.forEach(clearTimeout);
    await running;
  };
}

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
