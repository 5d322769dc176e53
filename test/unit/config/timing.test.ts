import * as timing from "../../../src/config/timing.js";
import { IAT_LEEWAY_MS } from "#wire/check-claims.js";
import { readOptions } from "../../../packages/verify/src/options.js";

const SECOND = 1_000;
/** Hive and `jose` keep a key set for so long (docs/operations.md). */
const HIVE_KEEPS_KEYS_MS = 600 * SECOND;

const verifier = (options: object = {}) =>
  readOptions({
    issuer: "https://issuer.example",
    client: { id: "00000000-0000-0000-0000-000000000000", secret: "secret" },
    audience: "service",
    ...options,
  });

/** One test for each row of "The clock budget" in docs/architecture.md. */
describe("the clock budget", () => {
  it("polls of the feed leave most of the promise for reading, signing and delivery", () => {
    expect(timing.FEED_POLL_MS + timing.FEED_BUSY_POLL_MS).toBeLessThan(timing.PROMISE_MS / 2);
  });

  it("a node looks again sooner while entries wait for a position", () => {
    expect(timing.FEED_BUSY_POLL_MS).toBeLessThan(timing.FEED_POLL_MS);
  });

  it("an empty batch arrives before a verifier grows stale, even if one is lost", () => {
    const between = timing.FEED_QUIET_MS + timing.FEED_POLL_MS;
    expect(2 * between).toBeLessThan(verifier().maxStaleness);
  });

  it("entries have positions before an instant is settled", () => {
    expect(timing.SEQUENCE_EVERY_MS).toBeLessThan(timing.SETTLED_AFTER_MS);
  });

  it("an instant is settled later than by the clock tolerance of a verifier", () => {
    expect(timing.SETTLED_AFTER_MS).toBeGreaterThan(verifier().clockTolerance);
  });

  it("keys are read at least twice while they are believed", () => {
    expect(2 * timing.KEY_POLL_MS).toBeLessThanOrEqual(timing.KEY_FRESH_MS);
  });

  it("keys are believed for less time than a change of role takes", () => {
    expect(timing.KEY_FRESH_MS).toBeLessThan(timing.ROLE_SETTLES_MS);
  });

  it("a change of role settles after the row checks that are under way", () => {
    expect(timing.ROLE_SETTLES_MS).toBeGreaterThan(timing.ROW_CHECK_MS);
  });

  it("a token that is issued ahead, because a role changed, is within the leeway of `iat`", () => {
    // The boundary is rounded up to a whole second.
    expect(timing.ROLE_SETTLES_MS + SECOND).toBeLessThan(IAT_LEEWAY_MS);
  });

  it("a key that is rotated at once signs when every node has read it", () => {
    expect(timing.ROTATE_NOW_AHEAD_MS).toBeGreaterThan(timing.KEY_FRESH_MS + timing.TRANSACTION_MS);
  });

  it("a key signs when every verifier has fetched it, those with the oldest key sets included", () => {
    const longest = timing.PUBLISH_AHEAD_MS - timing.JWKS_MAX_AGE_MS;
    expect(HIVE_KEEPS_KEYS_MS).toBeLessThanOrEqual(longest);
    expect(() => verifier({ keyRefresh: longest + 1 })).toThrow("keyRefresh");
  });

  it("an entry outlives its JWT by more than the clock of any verifier may be behind", () => {
    expect(() => verifier({ clockTolerance: timing.FEED_MARGIN_MS })).toThrow("clockTolerance");
  });

  it("a row check ends before a transaction does", () => {
    expect(timing.ROW_CHECK_MS).toBeLessThan(timing.TRANSACTION_MS);
  });
});
