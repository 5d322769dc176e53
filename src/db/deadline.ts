/** A unit of work that the database did not finish in time. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/**
 * Rejects with DeadlineError when the work has not ended after `milliseconds`;
 * `expire` then frees what it holds. What the work still does is nobody's business any more.
 */
export function withDeadline<T>(work: Promise<T>, milliseconds: number, expire: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new DeadlineError("the database did not answer in time"));
      expire();
    }, milliseconds);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
