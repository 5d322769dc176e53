import type { StoredEntry } from "./feed-entry.js";

/** The feed at one moment. */
export interface FeedPage {
  /** The highest position that has been given; 0 when none has. */
  head: number;
  /** Whether entries without a position have been committed. */
  waiting: boolean;
  /** What is kept after the position asked for, in order; at most MAX_BATCH_ENTRIES. */
  entries: StoredEntry[];
}

/** The storage that the feed needs. */
export interface FeedStore {
  /** All of one moment, after the call. */
  read(after: number): Promise<FeedPage>;
  /**
   * Gives positions to entries that wait for one, oldest first. True when all that was committed before the
   * call has one; false when there were too many, or another node was first: then it is to be called again.
   */
  sequence(): Promise<boolean>;
  /**
   * Deletes at most `limit` entries whose last JWT expired before `before`; answers how many. Those without
   * a position are given one first: where nobody follows the feed, nothing else does, and only what has one goes.
   */
  sweep(before: Date, limit: number): Promise<number>;
  /**
   * Deletes what later entries have made needless by `settled`, an instant that has passed by every clock.
   * Looks at the next `limit` entries, and answers how many there were; the first call begins with the first.
   */
  tidy(settled: Date, limit: number): Promise<number>;
}
