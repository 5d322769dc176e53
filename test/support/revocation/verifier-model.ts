import type { FeedEntry } from "../../../packages/wire/src/feed-entry.js";

/** What a JWT claims, as far as the feed concerns it. Times are seconds. */
export interface ModelJwt {
  kind: "user" | "privilege";
  sub: string;
  sid: string;
  /** Null for a privilege token. */
  ver: number | null;
  iat: number;
  /** Null for never. */
  exp: number | null;
}

/** Whether an entry still says something. */
export const isKept = ({ exp }: FeedEntry, now: number): boolean => exp === null || exp * 1_000 > now;

/**
 * A verifier in its simplest form: refuses what docs/revocation-feed.md says, from the entries alone, in
 * their order. `now` is in milliseconds.
 */
export function isRefused(jwt: ModelJwt, entries: readonly FeedEntry[], now: number): boolean {
  if (jwt.exp !== null && jwt.exp * 1_000 <= now) return true;
  let [ended, disabled] = [false, false];
  let expiry = Infinity;
  for (const entry of entries) {
    if ("sub" in entry) {
      const concerned = entry.kind === "user" || jwt.kind === "privilege";
      if (concerned && entry.sub === jwt.sub && jwt.iat * 1_000 < entry.before) ended = true;
    } else if (entry.sid === jwt.sid) {
      if (entry.kind === "token") ended = true;
      if (entry.kind === "disabled" || entry.kind === "enabled") disabled = entry.kind === "disabled";
      if (entry.kind === "expiry") expiry = entry.at;
      if (entry.kind === "version" && jwt.ver !== null && jwt.ver < entry.ver && now >= entry.from)
        ended = true;
    }
  }
  return ended || disabled || now >= expiry;
}
