import type { Revocation } from "../entities/revocation.js";
import type { User } from "../entities/user.js";
import type { UserToken } from "../entities/user-token.js";
import { latestOf, type EntryDraft } from "./complete-entries.js";
import { settledAt } from "./superseded.js";

type EndedToken = Pick<UserToken, "key" | "expirationTime">;

/**
 * What followers of the feed hear of each change. All functions are pure. A store calls one of them inside the
 * transaction that makes the change, and passes the result to `recordRevocations`.
 */
export const entriesFor = { tokensEnded, tokenChanged, rotation, roleChanged, accountDisabled };

/**
 * Tokens were revoked. Each token gets its own entry. An entry of the owner would go by the time of issue, and the owner
 * may sign in again within the same second.
 */
function tokensEnded(tokens: readonly EndedToken[]): EntryDraft[] {
  return tokens.map(({ key, expirationTime }) => draft("token", key, expirationTime));
}

/** The owner changed a token. A value that stays the same makes no entry. */
function tokenChanged(
  before: Pick<UserToken, "key" | "enabled" | "expirationTime">,
  changes: Partial<Pick<UserToken, "enabled">> & { expirationTime?: Date },
): EntryDraft[] {
  const { enabled = before.enabled, expirationTime = before.expirationTime } = changes;
  const moved = expirationTime?.getTime() !== before.expirationTime?.getTime();
  // The JWTs issued so far carry the earlier `exp`, those issued from now on the later one.
  const longest = latestOf([before.expirationTime, expirationTime]);
  return [
    ...(moved ? [draft("expiry", before.key, longest, { instant: expirationTime })] : []),
    ...(enabled === before.enabled ? [] : [draft(enabled ? "enabled" : "disabled", before.key, longest)]),
  ];
}

/**
 * A token was rotated: JWTs of earlier versions are refused once the grace is over.
 *
 * The grace applies to one version only. When the version before the last is still in its grace, that ends now, on every
 * clock. So these two entries say everything about versions, and a token that is rotated fast keeps no more than two.
 */
function rotation(
  before: Pick<UserToken, "key" | "expirationTime" | "version" | "previousVersionUntil">,
  previousVersionUntil: Date,
  now: Date,
): EntryDraft[] {
  const entry = (version: number, instant: Date) =>
    draft("version", before.key, before.expirationTime, { version, instant });
  const atOnce = settledAt(now);
  const inGrace = before.previousVersionUntil !== null && before.previousVersionUntil > atOnce;
  return [
    ...(inGrace ? [entry(before.version, atOnce)] : []),
    entry(before.version + 1, previousVersionUntil),
  ];
}

/**
 * The role of an account changed: privilege tokens that were issued before `privilegesValidFrom` may state the old role.
 *
 * @param privilegeLifetimeMs how long a privilege token lives that is issued just before that instant.
 */
function roleChanged(
  { id, privilegesValidFrom }: Pick<User, "id"> & { privilegesValidFrom: Date },
  privilegeLifetimeMs: number,
): EntryDraft[] {
  const lastExpiry = new Date(privilegesValidFrom.getTime() + privilegeLifetimeMs);
  return [draft("role", id, lastExpiry, { instant: privilegesValidFrom })];
}

/**
 * An account was disabled, which ended its live tokens.
 *
 * The entry of the account goes by the time of issue. A node whose clock differs, or a sign-in that is just being
 * answered, may issue a JWT on the wrong side of that time. So each token gets an entry of its own as well.
 */
function accountDisabled(userId: string, ended: readonly EndedToken[], now: Date): EntryDraft[] {
  if (ended.length === 0) return [];
  const longest = latestOf(ended.map(({ expirationTime }) => expirationTime));
  return [draft("user", userId, longest, { instant: now }), ...tokensEnded(ended)];
}

function draft(
  kind: Revocation["kind"],
  subject: string,
  expirationTime: Date | null,
  { instant = null, version = null }: Partial<Pick<Revocation, "instant" | "version">> = {},
): EntryDraft {
  return { kind, subject, instant, version, expirationTime };
}
