import { MAX_VERSION } from "./check-claims.js";
import type { JsonObject } from "./parse-jwt.js";
import { LAST_SECOND, integerClaim, refuseClaim, secondClaim, uuidClaim } from "./read-claims.js";

/**
 * An entry of the revocation feed about one token or one user (docs/revocation-feed.md). Instants are milliseconds.
 * `exp` is seconds: from then on the entry has no effect; null means never.
 */
export type FeedEntry =
  | { kind: "token" | "disabled" | "enabled"; sid: string; exp: number | null }
  | { kind: "expiry"; sid: string; at: number; exp: number | null }
  | { kind: "version"; sid: string; ver: number; from: number; exp: number | null }
  | { kind: "user" | "role"; sub: string; before: number; exp: number | null };

const LAST_MILLISECOND = LAST_SECOND * 1000 + 999;

const expClaim = (entry: JsonObject): number | null =>
  entry.exp === null ? null : secondClaim("exp", entry.exp);
const instantClaim = (name: string, value: unknown): number => integerClaim(name, value, LAST_MILLISECOND);

/**
 * Reads one entry of a batch with a valid signature. An unknown kind is refused like a malformed entry: it may revoke
 * something, so a verifier must not skip it.
 *
 * @throws InvalidTokenError.
 */
export function readFeedEntry(value: unknown): FeedEntry {
  if (typeof value !== "object" || value === null) refuseClaim("entries");
  const entry = value as JsonObject;
  const { kind } = entry;
  switch (kind) {
    case "token":
    case "disabled":
    case "enabled":
      return { kind, sid: uuidClaim("sid", entry.sid), exp: expClaim(entry) };
    case "expiry":
      return {
        kind,
        sid: uuidClaim("sid", entry.sid),
        at: instantClaim("at", entry.at),
        exp: expClaim(entry),
      };
    case "version":
      return {
        kind,
        sid: uuidClaim("sid", entry.sid),
        ver: integerClaim("ver", entry.ver, MAX_VERSION),
        from: instantClaim("from", entry.from),
        exp: expClaim(entry),
      };
    case "user":
    case "role":
      return {
        kind,
        sub: uuidClaim("sub", entry.sub),
        before: instantClaim("before", entry.before),
        exp: expClaim(entry),
      };
    default:
      return refuseClaim("kind");
  }
}
