import { readFeedEntry, type FeedEntry } from "./feed-entry.js";
import type { JsonObject } from "./parse-jwt.js";
import { refuseClaim, secondClaim, textClaim } from "./read-claims.js";

/** The `typ` of a batch. No token has it, so neither is accepted as the other (RFC 8725 section 3.11). */
export const REVOCATIONS_TYP = "revocations+jwt";

/** The version of the format, which docs/revocation-feed.md describes. */
export const REVOCATIONS_FORMAT = 1;

/** The gateway puts at most this many entries into a batch. A verifier refuses a batch with more. */
export const MAX_BATCH_ENTRIES = 1_000;

/** The position before the first entry of the feed. */
export const FEED_START = "0";

/** The claims of a batch. Positions are decimal strings: they may exceed the integers that JSON parsers read exactly. */
export interface BatchClaims {
  iss: string;
  /** Seconds. */
  iat: number;
  v: typeof REVOCATIONS_FORMAT;
  /** The position after which the batch begins. */
  after: string;
  /** The position up to which the batch is complete. */
  to: string;
  /** True when the next batch is available at once. This one is then not up to date. */
  more: boolean;
  entries: readonly object[];
}

/** A batch of the feed, after its claims were checked. */
export type FeedBatch = Pick<BatchClaims, "iat" | "after" | "to" | "more"> & { entries: FeedEntry[] };

const POSITION = /^(?:0|[1-9]\d{0,18})$/;

const rises = (after: string, to: string): boolean =>
  to.length > after.length || (to.length === after.length && to > after);

const position = (name: string, value: unknown): string =>
  textClaim(name, value, (text) => POSITION.test(text));

/**
 * Checks the claims of a batch whose signature holds, and reads every entry. The caller decides whether it is the
 * next batch, and whether it is recent.
 *
 * @throws InvalidTokenError when one claim or one entry is not as expected.
 */
export function readFeedBatch(claims: JsonObject, issuer: string): FeedBatch {
  textClaim("iss", claims.iss, (value) => value === issuer);
  if (claims.v !== REVOCATIONS_FORMAT) refuseClaim("v");
  const [after, to] = [position("after", claims.after), position("to", claims.to)];
  const { more, entries } = claims;
  if (typeof more !== "boolean") refuseClaim("more");
  if (!Array.isArray(entries) || entries.length > MAX_BATCH_ENTRIES) refuseClaim("entries");
  if (to !== after && !rises(after, to)) refuseClaim("to");
  if (entries.length > 0 && to === after) refuseClaim("entries");
  return { iat: secondClaim("iat", claims.iat), after, to, more, entries: entries.map(readFeedEntry) };
}
