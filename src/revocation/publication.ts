import type { Batch } from "./read-batch.js";

/** How far the feed has been published, and who waits for the next batch. */
export interface Publication {
  /** The last published batch; null when there was none since the start, or since the last `restart`. */
  latest(): Batch | null;
  /** The position up to which the feed has been published. */
  position(): number;
  publish(batch: Batch): void;
  /** Continues from another position, as if nothing had been published. */
  restart(position: number): void;
  /** Resolves with the next published batch, or with null when `left` is aborted. */
  next(left: AbortSignal): Promise<Batch | null>;
}

/** Creates a publication at position 0. */
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
      // A copy of the set: a listener may add itself again immediately.
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
