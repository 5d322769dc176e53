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
 * When this process itself stood still meanwhile, as on a machine that is short of it, the database may have answered
 * long ago, and nobody has read it. So a timer that comes late is set once more, for as long as it was late and at
 * most for the whole time: never again, for on an overloaded machine every timer comes late.
 */
export function withDeadline<T>(work: Promise<T>, milliseconds: number, expire: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      reject(new DeadlineError("the database did not answer in time"));
      expire();
    };
    const due = monotonicClock() + milliseconds;
    let timer = setTimeout(() => {
      const late = monotonicClock() - due;
      if (late > STOOD_STILL_MS) timer = setTimeout(giveUp, Math.min(late, milliseconds));
      else giveUp();
    }, milliseconds);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
