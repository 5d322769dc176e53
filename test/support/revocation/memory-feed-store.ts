import { MAX_BATCH_ENTRIES } from "../../../packages/wire/src/feed-batch.js";
import type { FeedStore } from "../../../src/revocation/feed-store.js";
import type { StoredEntry } from "../../../src/revocation/feed-entry.js";

/** The feed in memory, with what a test may do to it. */
export interface MemoryFeedStore extends FeedStore {
  /** Commits entries, which wait for their positions. */
  commit(...subjects: string[]): void;
  /** An older database: the head is there, and later entries never were. */
  rewind(head: number): void;
  /** Throws at every call while it is set. */
  failure: Error | null;
  /** Does not give positions while it is set. */
  stuck: boolean;
  /** How often it was read. */
  reads: number;
}

export function createMemoryFeedStore(): MemoryFeedStore {
  let entries: StoredEntry[] = [];
  let waiting: string[] = [];
  let head = 0;
  const check = () => {
    if (store.failure) throw store.failure;
  };
  const store: MemoryFeedStore = {
    failure: null,
    stuck: false,
    reads: 0,
    commit: (...subjects) => waiting.push(...subjects),
    rewind: (to) => {
      head = to;
      entries = entries.filter(({ position }) => position <= to);
    },
    read: async (after) => {
      store.reads += 1;
      check();
      const later = entries.filter(({ position }) => position > after);
      return { head, waiting: waiting.length > 0, entries: later.slice(0, MAX_BATCH_ENTRIES) };
    },
    sequence: async () => {
      check();
      if (store.stuck) return false;
      const given = waiting.map((subject): StoredEntry => {
        head += 1;
        return { position: head, kind: "token", subject, instant: null, version: null, expirationTime: null };
      });
      waiting = [];
      entries.push(...given);
      return true;
    },
    sweep: () => Promise.resolve(0),
    tidy: () => Promise.resolve(0),
  };
  return store;
}
