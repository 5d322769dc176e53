import { monotonicClock } from "../lib/clock.js";

/** Milliseconds: a timer that comes later than this was not late by itself. */
const STOOD_STILL_MS = 100;

/** A unit of work that the database did not finish in time. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/**
 * Rejects with DeadlineError when the work has not ended after `milliseconds`;
 * `expire` then frees what it holds. What the work still does is nobody's business any more.
 *
 * The time for which this process itself stood still, as on a machine that is short of it, does not count: the
 * database may have answered long ago, and nobody has read it.
 */
export function withDeadline<T>(work: Promise<T>, milliseconds: number, expire: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const wait = (ms: number): NodeJS.Timeout => {
      const due = monotonicClock() + ms;
      return setTimeout(() => {
        const late = monotonicClock() - due;
        if (late > STOOD_STILL_MS) {
          timer = wait(Math.min(late, milliseconds));
          return;
        }
        reject(new DeadlineError("the database did not answer in time"));
        expire();
      }, ms);
    };
    let timer = wait(milliseconds);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
