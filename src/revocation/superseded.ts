import { SETTLED_AFTER_MS } from "../config/timing.js";
import type { Revocation } from "../entities/revocation.js";

/** The latest instant that has passed on every clock. */
export const settledAt = (now: Date): Date => new Date(now.getTime() - SETTLED_AFTER_MS);

/**
 * Returns the entries that can be deleted: a reader that never sees them rejects exactly the same JWTs, whatever position
 * it resumes from.
 *
 * Entries without a position are ignored: they neither supersede nor are superseded. Otherwise a follower that starts now
 * could miss both the earlier entry, which is deleted, and the later one, which has no position yet.
 *
 * @param settled milliseconds; see `settledAt`.
 */
export function superseded(entries: readonly Revocation[], settled: number): Revocation[] {
  const kept = new Map<string, Revocation[]>();
  return latestPositionFirst(entries).filter((entry) => {
    const later = kept.get(entry.subject) ?? [];
    if (later.some((one) => supersedes(one, entry, settled))) return true;
    kept.set(entry.subject, later);
    later.push(entry);
    return false;
  });
}

/** Sorts by position; entries without one are left out. */
function latestPositionFirst(entries: readonly Revocation[]): Revocation[] {
  const given = entries.flatMap((entry) => (entry.position === null ? [] : [{ entry, at: entry.position }]));
  return given.sort((a, b) => b.at - a.at).map(({ entry }) => entry);
}

/** Whether an entry refuses everything that an earlier one of the same subject refuses, and is kept for as long. */
function supersedes(later: Revocation, earlier: Revocation, settled: number): boolean {
  const { kind } = later;
  if (timeOf(later.expirationTime) < timeOf(earlier.expirationTime)) return false;
  if (kind === "token") return true;
  if (kind === "disabled" || kind === "enabled")
    return earlier.kind === "disabled" || earlier.kind === "enabled";
  if (kind !== earlier.kind) return false;
  if (kind === "expiry") return true;
  if (kind === "version") return isAboveVersion(later, earlier, settled);
  return timeOf(later.instant) >= timeOf(earlier.instant);
}

/** Whether the later entry refuses all JWTs that the earlier one refuses, and not at a later time. */
function isAboveVersion(later: Revocation, earlier: Revocation, settled: number): boolean {
  const inTime = timeOf(later.instant) <= Math.max(timeOf(earlier.instant), settled);
  return inTime && (later.version ?? 0) >= (earlier.version ?? 0);
}

/** Null means never. */
const timeOf = (instant: Date | null): number => instant?.getTime() ?? Infinity;
