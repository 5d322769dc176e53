/** The waits of something that goes on until it is ended. They do not keep a process alive. */
export interface Pause {
  /** Resolves after `ms`, or at the next `wake`; at once when it has been ended. */
  wait(ms: number): Promise<void>;
  wake(): void;
  end(): void;
  ended(): boolean;
}

export function createPause(): Pause {
  let wake = (): void => undefined;
  let ended = false;
  return {
    wait: (ms) =>
      new Promise<void>((resolve) => {
        if (ended) {
          resolve();
          return;
        }
        const timer = setTimeout(resolve, ms).unref();
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    wake: () => wake(),
    end() {
      ended = true;
      wake();
    },
    ended: () => ended,
  };
}

/**
 * How long to wait before the next attempt: twice as long after each failure, and never as long as others
 * wait, so that all verifiers do not return in the same moment.
 *
 * @param failures in a row, 1 or more.
 * @param longest milliseconds.
 */
export function retryDelay(failures: number, longest: number): number {
  const full = Math.min(longest, 100 * 2 ** Math.min(failures - 1, 16));
  return full * (0.5 + Math.random() / 2);
}
