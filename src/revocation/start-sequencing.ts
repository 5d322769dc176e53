import { runPeriodically } from "../lib/run-periodically.js";
import type { FlapLog } from "../lib/report-flaps.js";
import type { FeedStore } from "./feed-store.js";

const EVERY_MS = 10_000;

/**
 * Gives positions to entries also where nobody follows the feed, every ten seconds: only what has one can be told to be
 * needless, and whoever follows first then need not wait for all of them.
 *
 * @returns a function that stops it and waits for the run under way.
 */
export function startSequencing(store: Pick<FeedStore, "sequence">, log: FlapLog): () => Promise<void> {
  const run = async (isStopping: () => boolean) => {
    while (!isStopping() && !(await store.sequence()));
  };
  return runPeriodically({ what: "the sequencing of feed entries", everyMs: EVERY_MS, run, log });
}
