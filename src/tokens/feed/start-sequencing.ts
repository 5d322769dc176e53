import type { Logger } from "pino";
import type { FeedStore } from "./feed-store.js";

const EVERY_MS = 10_000;

/**
 * Gives positions to entries also where nobody follows the feed, every ten seconds: only what has one can be told to be
 * needless, and whoever follows first then need not wait for all of them. A failed round waits for the next.
 *
 * @returns what stops it, and waits for what is under way.
 */
export function startSequencing({
  store,
  log,
}: {
  store: Pick<FeedStore, "sequence">;
  log: Logger;
}): () => Promise<void> {
  let stopped = false;
  let sequencing: Promise<void> = Promise.resolve();
  const sequence = async () => {
    while (!stopped && !(await store.sequence()));
  };
  const timer = setInterval(() => {
    sequencing = sequencing.then(sequence).catch((error: unknown) => {
      log.warn({ err: error }, "entries of the feed were not given their positions");
    });
  }, EVERY_MS).unref();
  return () => {
    stopped = true;
    clearInterval(timer);
    return sequencing;
  };
}
