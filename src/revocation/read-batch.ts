import { MAX_BATCH_ENTRIES } from "#wire/feed-batch.js";
import { LatchkeyError, unavailable } from "../errors/latchkey-error.js";
import { feedEntry } from "./feed-entry.js";
import type { FeedPage, FeedStore } from "./feed-store.js";

/** How often one read gives positions before it continues with the entries that have one. */
const ROUNDS = 3;

/** How many reads of different positions may wait for their turn. */
const MAX_WAITING_READS = 64;

/** How many of those one client may cause: a client that asks for many positions must not block the others. */
const MAX_CLIENT_WAITING_READS = 16;

/** A batch of the feed: every remaining entry with `after` < position <= `to`. */
export interface Batch {
  after: number;
  to: number;
  /** Whether the next batch is already there. */
  more: boolean;
  /** The number of entries in it. */
  size: number;
  /** The signed batch, as it is sent. */
  jws: string;
}

export type SignBatch = (content: {
  after: number;
  to: number;
  more: boolean;
  entries: readonly object[];
}) => string;

/**
 * Reads the feed after a position, and first gives positions to entries that have none. So the page contains everything
 * that was committed before the call, unless its `waiting` is true.
 *
 * @throws SERVICE_UNAVAILABLE when the database cannot answer.
 */
export async function readCurrent(store: FeedStore, after: number): Promise<FeedPage> {
  let page = await store.read(after);
  for (let round = 0; page.waiting && round < ROUNDS; round++) {
    const all = await store.sequence();
    page = await store.read(after);
    // Entries that wait now were committed after the call. On a busy server there are always some, so they are no delay.
    if (all) return { ...page, waiting: false };
  }
  return page;
}

/** Makes the signed batch of a page that was read after a position. */
export function batchOf(sign: SignBatch, after: number, { head, waiting, entries }: FeedPage): Batch {
  const last = entries.length === MAX_BATCH_ENTRIES ? entries.at(-1)?.position : undefined;
  const to = last ?? head;
  const more = to < head || waiting;
  const jws = sign({ after, to, more, entries: entries.map(feedEntry) });
  return { after, to, more, size: entries.length, jws };
}

/** Reads the batch after a position for a client. The read starts after the call. */
export type ReadBatch = (after: number, client: string) => Promise<Batch>;

/**
 * Creates the reader for clients that poll or catch up. It runs one read at a time, so that many clients cannot starve the
 * row check. Clients that wait for the same position share one read, for example verifiers that reconnect after a restart.
 * A shared read starts after all its clients have asked.
 *
 * @throws (the returned function) CONFLICT when the position has not been given yet, because the database was restored from
 * a backup; TOO_MANY_REQUESTS when the client waits for too many reads; SERVICE_UNAVAILABLE when too many reads wait in all,
 * or the database cannot answer.
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
    if (own.length >= MAX_CLIENT_WAITING_READS) throw tooManyOfClient();
    if (waiting.size >= MAX_WAITING_READS) throw unavailable("too many read the revocation feed");
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

/** The error for a client that uses more than its share of the feed. */
export function tooManyOfClient(): LatchkeyError {
  return new LatchkeyError("TOO_MANY_REQUESTS", {
    message: "This client reads too much here at once. Give each service a client of its own.",
    retryAfter: 1,
  });
}

/** The error for a follower whose position is higher than the head of the feed. */
export function aheadOfFeed(): LatchkeyError {
  return new LatchkeyError("CONFLICT", {
    message: "The feed has not come that far: it was restored from a backup. Start again from 0.",
  });
}
