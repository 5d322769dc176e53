import type { StoredEntry } from "./feed-entry.js";

/** A part of the feed, as it was at one moment. */
export interface FeedPage {
  /** The highest position given so far; 0 when there is none. */
  head: number;
  /** Whether there are committed entries without a position. */
  waiting: boolean;
  /** The entries after the requested position, in order; at most MAX_BATCH_ENTRIES. */
  entries: StoredEntry[];
}

/** The storage of the feed. */
export interface FeedStore {
  /** Reads a page that is consistent in itself, and no older than the call. */
  read(after: number): Promise<FeedPage>;
  /**
   * Gives positions to entries that have none, oldest first. True when every entry that was committed before the call has a
   * position. False when there were too many, or another node was faster: then call it again.
   */
  sequence(): Promise<boolean>;
  /**
   * Deletes at most `limit` entries whose last JWT expired before `before`. Returns how many. Gives positions first, because
   * only entries with a position are deleted, and without followers nothing else gives them soon.
   */
  sweep(before: Date, limit: number): Promise<number>;
  /**
   * Deletes superseded entries among the next `limit` entries. Returns how many entries it looked at. The first call begins
   * with the first entry, and each call goes on where the previous one ended.
   *
   * @param settled an instant that has passed on every clock.
   */
  tidy(settled: Date, limit: number): Promise<number>;
}
