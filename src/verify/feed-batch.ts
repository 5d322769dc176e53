import { invalidToken } from "../tokens/jwt/invalid-token-error.js";
import { refuseClaim, secondClaim, textClaim } from "../tokens/jwt/read-claims.js";
import { readFeedEntry, type FeedEntry } from "./feed-entry.js";
import type { JwsOpener } from "./open-jws.js";

/** A part of the feed, as its signer wrote it. Positions are decimal and only rise. */
export interface FeedBatch {
  /** Seconds. */
  iat: number;
  after: string;
  to: string;
  /** Whether the next batch can be had at once, so that this one is not up to now. */
  more: boolean;
  entries: FeedEntry[];
}

const TYP = "revocations+jwt";
const FORMAT = 1;
const MAX_ENTRIES = 1_000;
const POSITION = /^(?:0|[1-9]\d{0,18})$/;

/** The position before everything. */
export const START = "0";

const rises = (after: string, to: string): boolean =>
  to.length > after.length || (to.length === after.length && to > after);

const position = (name: string, value: unknown): string =>
  textClaim(name, value, (text) => POSITION.test(text));

/**
 * Opens a batch of the feed: signed by a published key, of the right type, by the expected issuer, in the form
 * that is known here, every entry readable. Whether it is the next one and recent is another question.
 *
 * @returns undefined when the key that it names is not known.
 * @throws InvalidTokenError for anything else.
 */
export function openBatch(open: JwsOpener, issuer: string, jws: string): FeedBatch | undefined {
  const opened = open(jws, TYP);
  if (opened.kind === "unknown key") return undefined;
  if (opened.kind === "other type") throw invalidToken("typ is not that of a batch");
  const { payload } = opened;
  textClaim("iss", payload.iss, (value) => value === issuer);
  if (payload.v !== FORMAT) refuseClaim("v");
  const [after, to] = [position("after", payload.after), position("to", payload.to)];
  const { more, entries } = payload;
  if (typeof more !== "boolean") refuseClaim("more");
  if (!Array.isArray(entries) || entries.length > MAX_ENTRIES) refuseClaim("entries");
  if (to !== after && !rises(after, to)) refuseClaim("to");
  if (entries.length > 0 && to === after) refuseClaim("entries");
  return { iat: secondClaim("iat", payload.iat), after, to, more, entries: entries.map(readFeedEntry) };
}
