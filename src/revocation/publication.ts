import type { Batch } from "./read-batch.js";

/** Where the feed is, for those who wait for what comes next. */
export interface Publication {
  /** The last batch; null when none has been published since the start, or since the last restart. */
  latest(): Batch | null;
  /** How far the feed has been published. */
  position(): number;
  publish(batch: Batch): void;
  /** Goes on from another position, as if nothing had been published. */
  restart(position: number): void;
  /** The next batch that is published; null once `left` is aborted. */
  next(left: AbortSignal): Promise<Batch | null>;
}

/** Makes a publication at position 0. */
export function createPublication(): Publication {
  const listeners = new Set<(batch: Batch) => void>();
  let latest: Batch | null = null;
  let position = 0;
  return {
    latest: () => latest,
    position: () => position,
    publish: (batch) => {
      latest = batch;
      position = batch.to;
      // A copy: who is told may at once wait for the next.
      for (const listener of [...listeners]) listener(batch);
    },
    restart: (from) => {
      latest = null;
      position = from;
    },
    next: (left) =>
      new Promise((resolve) => {
        const settle = (batch: Batch | null) => {
          listeners.delete(settle);
          left.removeEventListener("abort", onLeft);
          resolve(batch);
        };
        const onLeft = () => {
          settle(null);
        };
        if (left.aborted) {
          resolve(null);
          return;
        }
        listeners.add(settle);
        left.addEventListener("abort", onLeft);
      }),
  };
}
