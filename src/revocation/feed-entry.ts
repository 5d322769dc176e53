import type { FeedEntry } from "#wire/feed-entry.js";
import type { RevocationKind } from "../entities/revocation.js";

/** What an entry's row holds. Times are milliseconds. */
export interface StoredEntry {
  position: number;
  kind: RevocationKind;
  subject: string;
  instant: number | null;
  version: number | null;
  expirationTime: number | null;
}

/** The entry of a row. A JWT counts in whole seconds: `exp` is rounded up, never before the last JWT's own. */
export function feedEntry(stored: StoredEntry): FeedEntry {
  const { kind, subject, expirationTime } = stored;
  const instant = stored.instant ?? 0;
  const exp = expirationTime === null ? null : Math.ceil(expirationTime / 1_000);
  switch (kind) {
    case "token":
    case "disabled":
    case "enabled":
      return { kind, sid: subject, exp };
    case "expiry":
      return { kind, sid: subject, at: instant, exp };
    case "version":
      return { kind, sid: subject, ver: stored.version ?? 0, from: instant, exp };
    case "user":
    case "role":
      return { kind, sub: subject, before: instant, exp };
  }
}
