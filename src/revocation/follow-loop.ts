import type { Logger } from "pino";
import { FEED_BUSY_POLL_MS, FEED_POLL_MS, FEED_QUIET_MS } from "../config/timing.js";
import { createFlapReporter } from "../lib/report-flaps.js";
import type { FeedStore } from "./feed-store.js";
import type { Publication } from "./publication.js";
import { batchOf, readCurrent, type SignBatch } from "./read-batch.js";

/** Milliseconds between two looks while the database does not answer. */
const RETRY_MS = 250;

interface LoopDeps {
  store: FeedStore;
  sign: SignBatch;
  log: Logger;
  publication: Publication;
  /** Called when the database has lost positions that were published; ends all followers, and so the loop. */
  onRewind: () => void;
}

/** The one reader of the feed that all followers of a node share. */
export interface FollowLoop {
  /** Counts a follower, who has everything up to `position`. The first starts the loop; the answer counts it out. */
  join(position: number): () => void;
  /** Looks at once. */
  wake(): void;
  /** Resolves when the loop has come to rest, which it does without followers. */
  idle(): Promise<void>;
}

/**
 * Makes the loop. While somebody follows, it looks every 50 ms for new entries, gives positions to those
 * that have none, and publishes one signed batch for all; twice a second an empty one if nothing has ended.
 * While a look fails, or leaves entries without a position, no empty batch says that nothing has ended:
 * followers grow stale instead.
 */
export function createFollowLoop(deps: LoopDeps): FollowLoop {
  const { publication } = deps;
  const alarm = createAlarm();
  let followers = 0;
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    const lookSafely = createLook(deps);
    let quiet = false;
    const timer = setTimeout(() => (quiet = true), FEED_QUIET_MS);
    while (followers > 0) {
      const before = publication.latest();
      const pause = await lookSafely(quiet);
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

/** One look, which never fails; answers the milliseconds until the next. */
function createLook(deps: LoopDeps): (quiet: boolean) => Promise<number> {
  const reporter = createFlapReporter(deps.log, {
    failing: "revocation feed stalled: the database does not answer",
    recovered: "revocation feed recovered",
  });
  return async (quiet) => {
    try {
      const pause = await look(deps, quiet);
      reporter.succeeded();
      return pause;
    } catch (error) {
      reporter.failed(error);
      return RETRY_MS;
    }
  };
}

async function look({ store, sign, log, publication, onRewind }: LoopDeps, quiet: boolean): Promise<number> {
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

/** A sleep that can be ended early; rung while nobody sleeps, it spares the next sleep. */
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
