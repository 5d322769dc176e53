import type { Logger } from "pino";
import { unavailable } from "../errors/latchkey-error.js";
import { deliverBatches, type Deliver } from "./deliver-batches.js";
import type { FeedStore } from "./feed-store.js";
import { createFollowLoop } from "./follow-loop.js";
import { createPublication } from "./publication.js";
import { createBatchReader, tooManyOfClient, type ReadBatch, type SignBatch } from "./read-batch.js";

/** How many followers one node may have. Each is an open connection. */
const MAX_FOLLOWERS = 1_000;

/** How many of those one client may have: a faulty client, or a stolen secret, must not block the others. */
const MAX_CLIENT_FOLLOWERS = 100;

/** The revocation feed as this node serves it. */
export interface RevocationFeed {
  /** Reads the batch after a position. What was committed before the call is in it, or, if `more` is true, in those after it. */
  read: ReadBatch;
  /**
   * Delivers batch after batch to a client, from a position on. Each batch begins where the previous one ended. While nothing
   * ends, an empty batch says so twice a second. Resolves when the reader has left, the feed is closed, or the database turns
   * out to be an older one.
   *
   * @throws before the first batch: CONFLICT when the position has not been given yet; TOO_MANY_REQUESTS when the client
   * already has too many followers; SERVICE_UNAVAILABLE when the database cannot answer, the node has too many followers, or
   * it is stopping.
   */
  follow(from: { client: string; after: number }, reader: AbortSignal, deliver: Deliver): Promise<void>;
  /** Call it when an entry may have been committed: the followers of this node hear of it immediately. */
  announce(): void;
  /** Disconnects all followers immediately. Resolves when the loop has ended. */
  close(): Promise<void>;
}

/** Creates the feed. Without followers it does nothing. */
export function createRevocationFeed(deps: {
  store: FeedStore;
  sign: SignBatch;
  log: Logger;
  maxFollowers?: number;
  maxClientFollowers?: number;
}): RevocationFeed {
  const { maxFollowers = MAX_FOLLOWERS, maxClientFollowers = MAX_CLIENT_FOLLOWERS } = deps;
  const followers = createFollowerList(maxFollowers, maxClientFollowers);
  const publication = createPublication();
  const parts = {
    read: createBatchReader(deps.store, deps.sign),
    loop: createFollowLoop({ ...deps, publication, onRewind: followers.endAll }),
    publication,
  };
  return {
    read: parts.read,
    follow: async ({ client, after }, reader, deliver) => {
      const follower = followers.admit(client, reader);
      const { signal } = follower;
      try {
        // When a follower leaves, the read or write that is under way for it is not awaited.
        await Promise.race([deliverBatches(parts, { client, after }, signal, deliver), aborted(signal)]);
      } finally {
        followers.remove(follower);
      }
    },
    announce: parts.loop.wake,
    close: () => {
      followers.close();
      return parts.loop.idle();
    },
  };
}

/** Counts the followers of this node, and those of each client. */
function createFollowerList(maxFollowers: number, maxClientFollowers: number) {
  /** Each with its client. */
  const followers = new Map<AbortController, string>();
  let closed = false;
  const endAll = () => {
    for (const follower of followers.keys()) follower.abort();
  };
  return {
    /** Adds a follower, which is aborted when its reader leaves or all followers end. Call `remove` in the end. */
    admit: (client: string, reader: AbortSignal): AbortController => {
      if (closed) throw unavailable("stopping");
      if (followers.size >= maxFollowers) throw unavailable("too many follow the revocation feed");
      const own = [...followers.values()].filter((other) => other === client);
      if (own.length >= maxClientFollowers) throw tooManyOfClient();
      const follower = new AbortController();
      followers.set(follower, client);
      reader.addEventListener("abort", () => {
        follower.abort();
      });
      if (reader.aborted) follower.abort();
      return follower;
    },
    remove: (follower: AbortController) => {
      follower.abort();
      followers.delete(follower);
    },
    endAll,
    close: () => {
      closed = true;
      endAll();
    },
  };
}

/** Resolves when the signal is aborted. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => {
      resolve();
    });
  });
