/**
 * The clock budget: the times that depend on one another. Every node refuses an ended token within a quarter of a second,
 * and these times stand behind that promise and behind what a verifier may believe. docs/architecture.md has the table;
 * test/unit/config/timing.test.ts asserts its inequalities.
 *
 * They are here, and not with the features that use them, because `keys`, `revocation`, `accounts`, `db` and `http` must
 * not import one another, and all of them may import `config`. None of them is a setting. All are milliseconds.
 *
 * Two times of the table are elsewhere, because the verifier package needs them and loads nothing of `config`: the leeway
 * of `iat`, and the defaults of a verifier's options.
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A revocation reaches every verifier within this time. */
export const PROMISE_MS = 250;

/** How often a node with followers looks for entries that other nodes have written. */
export const FEED_POLL_MS = 50;

/** The pause before the next look while entries still wait for a position: another node is giving positions. */
export const FEED_BUSY_POLL_MS = 5;

/** How long nothing must have been published before an empty batch is due. The next look sends it. */
export const FEED_QUIET_MS = 450;

/** How often a node gives positions to entries while nobody follows the feed. */
export const SEQUENCE_EVERY_MS = 10 * SECOND;

/** After this time an instant has passed on every clock, also on those of verifiers that are behind. */
export const SETTLED_AFTER_MS = 30 * SECOND;

/** How often a node reads the signing keys. */
export const KEY_POLL_MS = 500;

/** How long a node believes the keys that it has read. So every node refuses a dropped key after this time. */
export const KEY_FRESH_MS = SECOND;

/**
 * How long a change of role may take until every node sees it. A privilege token that is issued meanwhile may still state
 * the old role.
 */
export const ROLE_SETTLES_MS = 2 * SECOND;

/** When a key signs that is published by `keys rotate --now`: every node must know it before it meets one of its tokens. */
export const ROTATE_NOW_AHEAD_MS = 5 * SECOND;

/** For how long a key is published before it signs, so that every verifier has fetched it by then. */
export const PUBLISH_AHEAD_MS = 15 * MINUTE;

/** For how long a cache may keep the published keys (`Cache-Control: max-age`). */
export const JWKS_MAX_AGE_MS = 5 * MINUTE;

/** For how long a feed entry is kept after the last JWT that it concerns has expired: the clocks of verifiers may be behind. */
export const FEED_MARGIN_MS = 10 * MINUTE;

/** The deadline of a row check. A request may wait for two: the one under way when it arrives, and its own. */
export const ROW_CHECK_MS = 1_400;

/** The deadline of any other unit of work on the database, including the wait for a connection. */
export const TRANSACTION_MS = 2 * SECOND;
