/** Those who wait until the verifier can be asked. */
export interface Readiness {
  /** Something has changed for the better. */
  look(): void;
  /**
   * Resolves when it is ready.
   *
   * @param timeout milliseconds.
   * @param problems what may be in the way.
   * @throws Error after `timeout`, or when it has been closed.
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
