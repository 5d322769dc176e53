import type { Logger } from "pino";
import { unavailable } from "../errors/latchkey-error.js";
import { deliverBatches, type Deliver } from "./deliver-batches.js";
import type { FeedStore } from "./feed-store.js";
import { createFollowLoop } from "./follow-loop.js";
import { createPublication } from "./publication.js";
import { createBatchReader, tooManyOfClient, type ReadBatch, type SignBatch } from "./read-batch.js";

/** Followers of one node; each is an open connection. */
const MAX_FOLLOWERS = 1_000;

/** Of those, followers of one client: whoever runs wild, or whose secret is stolen, keeps no other out. */
const MAX_CLIENT_FOLLOWERS = 100;

/** The revocation feed as this node serves it. */
export interface RevocationFeed {
  /** The batch after a position. All that was committed before the call is in it, or in those that `more` promises. */
  read: ReadBatch;
  /**
   * Delivers batch after batch to a client from a position on, each beginning where the one before ended. While nothing ends,
   * an empty one says so twice a second. Resolves once the reader has gone, the feed is closed, or the
   * database turns out to be an older one.
   *
   * @throws before the first batch: CONFLICT when the position has not been given yet; TOO_MANY_REQUESTS when
   * the client follows too often already; SERVICE_UNAVAILABLE when the database cannot answer, too many follow in
   * all, or the node is stopping.
   */
  follow(from: { client: string; after: number }, reader: AbortSignal, deliver: Deliver): Promise<void>;
  /** Says that an entry has been committed, or may have been: the followers of this node are told at once. */
  announce(): void;
  /** Ends all followers at once; resolves when nothing is under way any more. */
  close(): Promise<void>;
}

/** Makes the feed. While nobody follows, it does nothing. */
export function createRevocationFeed(deps: {
  store: FeedStore;
  sign: SignBatch;
  log: Logger;
  maxFollowers?: number;
  maxClientFollowers?: number;
}): RevocationFeed {
  const { maxFollowers = MAX_FOLLOWERS, maxClientFollowers = MAX_CLIENT_FOLLOWERS } = deps;
  /** With the client of each. */
  const followers = new Map<AbortController, string>();
  const endAll = () => {
    for (const follower of followers.keys()) follower.abort();
  };
  const admit = (client: string) => {
    if (closed) throw unavailable("stopping");
    if (followers.size >= maxFollowers) throw unavailable("too many follow the revocation feed");
    const own = [...followers.values()].filter((other) => other === client);
    if (own.length >= maxClientFollowers) throw tooManyOfClient();
  };
  const publication = createPublication();
  const parts = {
    read: createBatchReader(deps.store, deps.sign),
    loop: createFollowLoop({ ...deps, publication, onRewind: endAll }),
    publication,
  };
  let closed = false;

  return {
    read: parts.read,
    follow: async ({ client, after }, reader, deliver) => {
      admit(client);
      const follower = new AbortController();
      const left = new Promise<void>((resolve) => {
        follower.signal.addEventListener("abort", () => {
          resolve();
        });
      });
      reader.addEventListener("abort", () => {
        follower.abort();
      });
      if (reader.aborted) follower.abort();
      followers.set(follower, client);
      try {
        // What is still being read or written when a follower leaves is nobody's business any more.
        await Promise.race([deliverBatches(parts, { client, after }, follower.signal, deliver), left]);
      } finally {
        follower.abort();
        followers.delete(follower);
      }
    },
    announce: parts.loop.wake,
    close: () => {
      closed = true;
      endAll();
      return parts.loop.idle();
    },
  };
}
