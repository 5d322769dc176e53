import { unavailable, type LatchkeyError } from "../errors/latchkey-error.js";
import type { Clock } from "../lib/clock.js";

export interface HashQueueOptions {
  /** How many tasks run at once. */
  workers: number;
  /** How many more may wait. */
  limit: number;
  /** Milliseconds one may wait. */
  waitLimitMs: number;
  clock: Clock;
}

export interface HashQueue {
  /** Runs the task when its turn comes. Errors: SERVICE_UNAVAILABLE, when full, closed, or after the wait. */
  run<T>(task: () => Promise<T>): Promise<T>;
  stats(): { running: number; waiting: number };
  /** Refuses new tasks and resolves when the last one it took has ended. */
  close(): Promise<void>;
}

const FIRST_GUESS_MS = 100;
const LONGEST_TASK_MS = 60_000;
/** How much one task moves the mean. */
const SMOOTHING = 1 / 8;

/**
 * A bounded waiting list. Work that cannot start in time is refused at once, with an estimate of when to
 * come back, instead of piling up until everyone times out.
 */
export function createHashQueue({ workers, limit, waitLimitMs, clock }: HashQueueOptions): HashQueue {
  const waiting = new Set<() => void>();
  const whenIdle: (() => void)[] = [];
  let running = 0;
  let closed = false;
  let meanMs = FIRST_GUESS_MS;

  const refusal = (detail: string): LatchkeyError =>
    unavailable(detail, undefined, retryAfterSeconds(waiting.size + 1, workers, meanMs));

  function takeTurn(): Promise<void> {
    if (closed) return Promise.reject(refusal("the password workers are shutting down"));
    if (running < workers) {
      running += 1;
      return Promise.resolve();
    }
    if (waiting.size >= limit) return Promise.reject(refusal("the password queue is full"));
    return new Promise((resolve, reject) => {
      const admit = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(admit);
        reject(refusal("waited too long in the password queue"));
      }, waitLimitMs);
      waiting.add(admit);
    });
  }

  function passTurn(): void {
    const [next] = waiting;
    if (next !== undefined) {
      waiting.delete(next);
      next();
      return;
    }
    running -= 1;
    if (running === 0) whenIdle.splice(0).forEach((resolve) => resolve());
  }

  return {
    async run(task) {
      await takeTurn();
      const started = clock();
      try {
        return await task();
      } finally {
        // The wall clock may jump.
        const tookMs = Math.min(Math.max(clock() - started, 0), LONGEST_TASK_MS);
        meanMs += (tookMs - meanMs) * SMOOTHING;
        passTurn();
      }
    },
    stats: () => ({ running, waiting: waiting.size }),
    close() {
      closed = true;
      return running === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(resolve));
    },
  };
}

/** Seconds, 1 to 30, until `ahead` tasks of `meanMs` each have gone through `workers`. */
export function retryAfterSeconds(ahead: number, workers: number, meanMs: number): number {
  return Math.min(Math.max(Math.ceil((ahead * meanMs) / workers / 1_000), 1), 30);
}
