/** The waits of a background loop. They do not keep the process alive. */
export interface Pause {
  /** Resolves after `ms`, or at the next `wake`; at once after `end`. */
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
 * Returns the delay before the next attempt: it doubles after each failure, with a random part, so that not all
 * verifiers reconnect at the same moment.
 *
 * @param failures the number of consecutive failures, 1 or more.
 * @param longest milliseconds.
 */
export function retryDelay(failures: number, longest: number): number {
  const full = Math.min(longest, 100 * 2 ** Math.min(failures - 1, 16));
  return full * (0.5 + Math.random() / 2);
}
