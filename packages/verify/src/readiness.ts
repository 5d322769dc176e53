/** The callers that wait until the verifier is ready. */
export interface Readiness {
  /** Checks whether the verifier is ready now, and resolves the waiting calls if so. */
  look(): void;
  /**
   * Resolves when the verifier is ready.
   *
   * @param timeout milliseconds.
   * @param problems returns the current problems, for the message of the error.
   * @throws Error after `timeout`, or when the verifier is closed.
   */
  wait(timeout: number, problems: () => string[]): Promise<void>;
  close(): void;
}

export function createReadiness(isReady: () => boolean): Readiness {
  const waiting = new Set<(error?: Error) => void>();
  const settle = (error?: Error): void => {
    for (const done of [...waiting]) done(error);
  };
  let closed = false;
  return {
    look() {
      if (waiting.size > 0 && isReady()) settle();
    },
    wait: (timeout, problems) =>
      new Promise((resolve, reject) => {
        const done = (error?: Error): void => {
          clearTimeout(timer);
          waiting.delete(done);
          if (error) reject(error);
          else resolve();
        };
        const timer = setTimeout(() => {
          const reasons = problems().join("; ");
          done(new Error(`the verifier is not ready after ${timeout} ms${reasons && `: ${reasons}`}`));
        }, timeout);
        waiting.add(done);
        if (closed) done(new Error("the verifier is closed"));
        else if (isReady()) done();
      }),
    close() {
      closed = true;
      settle(new Error("the verifier is closed"));
    },
  };
}
