import type { Clock } from "#wire/clock.js";
import { FEED_START, REVOCATIONS_TYP, readFeedBatch, type FeedBatch } from "#wire/feed-batch.js";
import { invalidToken } from "#wire/invalid-token-error.js";
import { GatewayError } from "./gateway-error.js";
import type { JwsOpener } from "./open-jws.js";
import type { VerifierSettings } from "./options.js";
import { createRevocations, type JudgedToken, type Revocations, type Verdict } from "./revocations.js";

/** The revocations that were read from the feed, the position up to which, and their age. */
export interface FeedState {
  /**
   * Verifies the next batch and applies it completely, or not at all.
   *
   * @returns whether the next batch is available at once.
   * @throws GatewayError or InvalidTokenError when the issuer did not sign it, when it is not the next batch, or when
   *   its time is not plausible.
   */
  accept(jws: string): boolean;
  /** Discards everything. The next batch is the first of the feed. */
  restart(): void;
  /** The position up to which the feed was read. */
  position(): string;
  judge(token: JudgedToken, now: number): Verdict;
  /** Whether the last complete read is recent enough at `now`, by the monotonic clock. */
  isFresh(now: number): boolean;
  /** Milliseconds since the feed was last read to its end; null when it never was. */
  age(): number | null;
  batches(): number;
  revocations(): Revocations;
}

export interface FeedStateDeps {
  open: JwsOpener;
  settings: Pick<VerifierSettings, "issuer" | "tokens" | "maxStaleness" | "clockTolerance" | "clock">;
  monotonic: Clock;
  /** Called when a batch names an unknown key. */
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

/** Creates the state of a feed that has not been read yet. */
export function createFeedState({ open, settings, monotonic, onUnknownKey }: FeedStateDeps): FeedState {
  const { issuer, tokens, maxStaleness, clockTolerance: tolerance, clock } = settings;
  let revocations = createRevocations(tokens);
  let [position, latest, freshAt, batches] = [FEED_START, 0, -Infinity, 0];

  /**
   * Rejects a batch that an attacker replays to hide later revocations. The signer's clock must not go back, and must
   * not be ahead of ours. `accept` takes an old batch, but does not count it as recent.
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
      // `iat` is in whole seconds: the batch may be up to a second younger.
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
