import { MAX_BATCH_ENTRIES } from "#wire/feed-batch.js";
import { LatchkeyError, unavailable } from "../errors/latchkey-error.js";
import { feedEntry } from "./feed-entry.js";
import type { FeedPage, FeedStore } from "./feed-store.js";

/** How often one reading gives positions, before it goes on with what has some. */
const ROUNDS = 3;

/** Readings of different places that may wait for their turn. */
const MAX_WAITING = 64;

/** Of those, of one client: whoever asks for many places at once is the one who waits. */
const MAX_CLIENT_WAITING = 16;

/** A batch of the feed: every entry that is kept with `after` < position <= `to`. */
export interface Batch {
  after: number;
  to: number;
  /** Whether the next batch can be had at once. */
  more: boolean;
  /** How many entries are in it. */
  size: number;
  /** As it travels: signed. */
  jws: string;
}

export type SignBatch = (content: {
  after: number;
  to: number;
  more: boolean;
  entries: readonly object[];
}) => string;

/**
 * Reads the feed after a position. Entries that wait for a position are given theirs first: what was
 * committed before the call is in the answer, unless that says that some still wait.
 *
 * @throws SERVICE_UNAVAILABLE when the database cannot answer.
 */
export async function readCurrent(store: FeedStore, after: number): Promise<FeedPage> {
  let page = await store.read(after);
  for (let round = 0; page.waiting && round < ROUNDS; round++) {
    const all = await store.sequence();
    page = await store.read(after);
    // What waits now was committed after the call. There may always be some: that must not look like a delay.
    if (all) return { ...page, waiting: false };
  }
  return page;
}

/** Signs what was read after a position. */
export function batchOf(sign: SignBatch, after: number, { head, waiting, entries }: FeedPage): Batch {
  const last = entries.length === MAX_BATCH_ENTRIES ? entries.at(-1)?.position : undefined;
  const to = last ?? head;
  const more = to < head || waiting;
  const jws = sign({ after, to, more, entries: entries.map(feedEntry) });
  return { after, to, more, size: entries.length, jws };
}

/** Answers a client the batch after a position, read after the call. */
export type ReadBatch = (after: number, client: string) => Promise<Batch>;

/**
 * Makes what reads batches for those who ask by themselves: one reading at a time, so that a crowd of them
 * never keeps the database from the row check; and one for all who wait for the same place, as
 * verifiers do that come back together after a restart. Each starts after all who share it have asked.
 *
 * @throws (the answer) CONFLICT when the position has not been given yet: the database is an older one;
 * TOO_MANY_REQUESTS when the client waits for too many; SERVICE_UNAVAILABLE when too many wait in all, or the
 * database cannot answer.
 */
export function createBatchReader(store: FeedStore, sign: SignBatch): ReadBatch {
  const waiting = new Map<number, { turn: Promise<Batch>; client: string }>();
  let last: Promise<unknown> = Promise.resolve();

  async function read(after: number): Promise<Batch> {
    waiting.delete(after);
    const page = await readCurrent(store, after);
    if (after > page.head) throw aheadOfFeed();
    return batchOf(sign, after, page);
  }

  const admit = (client: string) => {
    const own = [...waiting.values()].filter((other) => other.client === client);
    if (own.length >= MAX_CLIENT_WAITING) throw tooManyOfClient();
    if (waiting.size >= MAX_WAITING) throw unavailable("too many read the revocation feed");
  };

  return async (after, client) => {
    const shared = waiting.get(after);
    if (shared) return shared.turn;
    admit(client);
    const turn = last.then(() => read(after));
    last = turn.catch(() => undefined);
    waiting.set(after, { turn, client });
    return turn;
  };
}

/** What a client is told that takes more of the feed than its share. */
export function tooManyOfClient(): LatchkeyError {
  return new LatchkeyError("TOO_MANY_REQUESTS", {
    message: "This client reads too much here at once. Give each service a client of its own.",
    retryAfter: 1,
  });
}

/** What a follower is told that has seen more than there is. */
export function aheadOfFeed(): LatchkeyError {
  return new LatchkeyError("CONFLICT", {
    message: "The feed has not come that far: it was restored from a backup. Start again from 0.",
  });
}
