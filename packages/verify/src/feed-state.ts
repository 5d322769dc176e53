import type { Clock } from "#wire/clock.js";
import { FEED_START, REVOCATIONS_TYP, readFeedBatch, type FeedBatch } from "#wire/feed-batch.js";
import { invalidToken } from "#wire/invalid-token-error.js";
import { GatewayError } from "./gateway-error.js";
import type { JwsOpener } from "./open-jws.js";
import type { VerifierSettings } from "./options.js";
import { createRevocations, type JudgedToken, type Revocations, type Verdict } from "./revocations.js";

/** What the feed has told so far, up to which position, and how long ago. */
export interface FeedState {
  /**
   * Verifies the next batch and takes it in, as a whole or not at all.
   *
   * @returns whether the next one can be had at once.
   * @throws GatewayError or InvalidTokenError when it is not a batch of the issuer's, not
   *   the next one, or not of this time.
   */
  accept(jws: string): boolean;
  /** Forgets everything: the feed begins anew. */
  restart(): void;
  /** Up to where the feed has been read. */
  position(): string;
  judge(token: JudgedToken, now: number): Verdict;
  /** Whether at `now`, by the monotonic clock, the news are recent enough to believe that there are no others. */
  isFresh(now: number): boolean;
  /** Milliseconds since news that were up to the moment; null when there were none. */
  age(): number | null;
  batches(): number;
  revocations(): Revocations;
}

export interface FeedStateDeps {
  open: JwsOpener;
  settings: Pick<VerifierSettings, "issuer" | "tokens" | "maxStaleness" | "clockTolerance" | "clock">;
  monotonic: Clock;
  /** The batch names a key that is not known. */
  onUnknownKey(): void;
}

/**
 * Opens a batch: a published key signed it, as a batch, and its claims and entries are as expected.
 *
 * @returns undefined when the key that it names is not known.
 * @throws InvalidTokenError for anything else.
 */
function openBatch(open: JwsOpener, issuer: string, jws: string): FeedBatch | undefined {
  const opened = open(jws, REVOCATIONS_TYP);
  if (opened.kind === "unknown key") return undefined;
  if (opened.kind === "other type") throw invalidToken("typ is not that of a batch");
  return readFeedBatch(opened.payload, issuer);
}

/** Makes the state of a feed of which nothing has been read. */
export function createFeedState({ open, settings, monotonic, onUnknownKey }: FeedStateDeps): FeedState {
  const { issuer, tokens, maxStaleness, clockTolerance: tolerance, clock } = settings;
  let revocations = createRevocations(tokens);
  let [position, latest, freshAt, batches] = [FEED_START, 0, -Infinity, 0];

  /**
   * An old batch, played again, would hide what came after it. Three clocks bound that: the signer's may not go
   * back, may not be ahead of ours, and what is too old for freshness is taken in without making us fresh.
   */
  function readNext(jws: string): FeedBatch {
    const batch = openBatch(open, issuer, jws);
    if (!batch) {
      onUnknownKey();
      throw new GatewayError("a batch of the feed is signed by an unknown key");
    }
    const signedAt = batch.iat * 1000;
    if (signedAt < latest - tolerance)
      throw new GatewayError("a batch of the feed is older than the one before it");
    if (signedAt > clock() + tolerance) throw new GatewayError("a batch of the feed comes from the future");
    if (batch.after !== position) throw new GatewayError("a batch of the feed is not the next one");
    return batch;
  }

  return {
    accept(jws) {
      const batch = readNext(jws);
      latest = Math.max(latest, batch.iat * 1000);
      const settled = latest - tolerance;
      for (const entry of batch.entries) revocations.apply(entry, settled);
      revocations.sweep(settled);
      position = batch.to;
      batches += 1;
      // `iat` is in whole seconds: the batch may be a second younger than it says.
      const isRecent = clock() - (batch.iat + 1) * 1000 <= maxStaleness + tolerance;
      if (!batch.more && isRecent) freshAt = monotonic();
      return batch.more;
    },
    restart() {
      revocations = createRevocations(tokens);
      [position, freshAt] = [FEED_START, -Infinity];
    },
    position: () => position,
    judge: (token, now) => revocations.judge(token, now),
    isFresh: (now) => now - freshAt <= maxStaleness,
    age: () => (freshAt === -Infinity ? null : monotonic() - freshAt),
    batches: () => batches,
    revocations: () => revocations,
  };
}
