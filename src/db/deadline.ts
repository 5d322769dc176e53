import { monotonicClock } from "../lib/clock.js";

/** Milliseconds. A timer that is later than this was held up: the process itself was paused. */
const PAUSED_MS = 100;

/** A unit of work that the database did not finish in time. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/**
 * Rejects with DeadlineError when the work has not ended after `milliseconds`. `expire` then frees what the work holds. The
 * later result of the work is ignored.
 *
 * If this process was paused meanwhile, as happens on an overloaded machine, the database may have answered long ago, and
 * the answer is waiting to be read. So a timer that fires late is set once more, for as long as it was late and at most for
 * the whole time. It is not set again after that: on an overloaded machine every timer is late.
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
      if (late > PAUSED_MS) timer = setTimeout(giveUp, Math.min(late, milliseconds));
      else giveUp();
    }, milliseconds);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
