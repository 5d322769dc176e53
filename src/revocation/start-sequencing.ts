import { SEQUENCE_EVERY_MS } from "../config/timing.js";
import { runPeriodically } from "../lib/run-periodically.js";
import type { FlapLog } from "../lib/report-flaps.js";
import type { FeedStore } from "./feed-store.js";

/**
 * Gives positions to entries periodically, also on a node without followers. Only entries with a position can be
 * superseded, and the first follower must not wait until all of them have got theirs.
 *
 * @returns a function that stops it and waits for the current run.
 */
export function startSequencing(store: Pick<FeedStore, "sequence">, log: FlapLog): () => Promise<void> {
  const run = async (isStopping: () => boolean) => {
    while (!isStopping() && !(await store.sequence()));
  };
  return runPeriodically({ what: "the sequencing of feed entries", everyMs: SEQUENCE_EVERY_MS, run, log });
}
