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
