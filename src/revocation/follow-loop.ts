import type { Logger } from "pino";
import { FEED_BUSY_POLL_MS, FEED_POLL_MS, FEED_QUIET_MS } from "../config/timing.js";
import { createFlapReporter } from "../lib/report-flaps.js";
import type { FeedStore } from "./feed-store.js";
import type { Publication } from "./publication.js";
import { batchOf, readCurrent, type SignBatch } from "./read-batch.js";

/** Milliseconds between two polls while the database does not answer. */
const FAILED_POLL_MS = 250;

interface LoopDeps {
  store: FeedStore;
  sign: SignBatch;
  log: Logger;
  publication: Publication;
  /** Called when the database has lost published positions. It disconnects all followers, which ends the loop. */
  onRewind: () => void;
}

/** The one loop that reads the feed for all followers of a node. */
export interface FollowLoop {
  /** Adds a follower that has everything up to `position`. The first one starts the loop. Returns a function that removes it. */
  join(position: number): () => void;
  /** Polls immediately. */
  wake(): void;
  /** Resolves when the loop has ended. It ends when the last follower has left. */
  idle(): Promise<void>;
}

/**
 * Creates the loop. While there are followers, it polls for new entries every 50 ms, gives positions to entries that have
 * none, and publishes one signed batch for all followers. When nothing has ended, it publishes an empty batch twice a second.
 *
 * An empty batch states that nothing has ended. So none is published while polls fail, or while entries stay without a
 * position: followers become stale instead.
 */
export function createFollowLoop(deps: LoopDeps): FollowLoop {
  const { publication } = deps;
  const alarm = createAlarm();
  let followers = 0;
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    const poll = createPoll(deps);
    let quiet = false;
    const timer = setTimeout(() => (quiet = true), FEED_QUIET_MS);
    while (followers > 0) {
      const before = publication.latest();
      const pause = await poll(quiet);
      if (publication.latest() !== before) {
        quiet = false;
        timer.refresh();
      }
      await alarm.sleep(pause);
    }
    clearTimeout(timer);
    running = null;
  }

  return {
    join: (position) => {
      followers += 1;
      if (!running) {
        publication.restart(position);
        running = run();
      }
      return () => {
        followers -= 1;
        if (followers === 0) alarm.ring();
      };
    },
    wake: alarm.ring,
    idle: async () => {
      await running;
    },
  };
}

/** Creates the poll of the loop. It never rejects, and returns the milliseconds until the next poll. */
function createPoll(deps: LoopDeps): (quiet: boolean) => Promise<number> {
  const reporter = createFlapReporter(deps.log, {
    failing: "revocation feed stalled: the database does not answer",
    recovered: "revocation feed recovered",
  });
  return async (quiet) => {
    try {
      const pause = await pollOnce(deps, quiet);
      reporter.succeeded();
      return pause;
    } catch (error) {
      reporter.failed(error);
      return FAILED_POLL_MS;
    }
  };
}

async function pollOnce(
  { store, sign, log, publication, onRewind }: LoopDeps,
  quiet: boolean,
): Promise<number> {
  const position = publication.position();
  const page = await readCurrent(store, position);
  if (page.head < position) {
    log.warn("the revocation feed has lost entries: the database is an older one");
    onRewind();
    return FEED_POLL_MS;
  }
  const pause = page.waiting ? FEED_BUSY_POLL_MS : FEED_POLL_MS;
  const moved = page.head > position;
  if (!moved && (page.waiting || !quiet)) return pause;
  const batch = batchOf(sign, position, page);
  publication.publish(batch);
  return batch.to < page.head ? 0 : pause;
}

/** A sleep that `ring` ends early. If nothing sleeps at that moment, the next sleep is skipped. */
function createAlarm() {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring: () => {
      rung = true;
      wake?.();
    },
    sleep: async (milliseconds: number) => {
      if (!rung && milliseconds > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = null;
      rung = false;
    },
  };
}
