import type { Revocation } from "../entities/revocation.js";

/** Milliseconds after which an instant has passed by every clock, those of verifiers that are behind included. */
export const SETTLED_AFTER_MS = 30_000;

/**
 * Of entries of the feed, those that others of them have made needless: whoever reads the feed without
 * them refuses the same JWTs, from now on and wherever it resumes. Entries without a position do not count, on
 * either side: who starts anew would for a moment hear neither what was said nor what is said now.
 *
 * @param settled milliseconds; an instant that has passed by every clock.
 */
export function superseded(entries: readonly Revocation[], settled: number): Revocation[] {
  const kept = new Map<string, Revocation[]>();
  return newestFirst(entries).filter((entry) => {
    const later = kept.get(entry.subject) ?? [];
    if (later.some((one) => supersedes(one, entry, settled))) return true;
    kept.set(entry.subject, later);
    later.push(entry);
    return false;
  });
}

/** By position. */
function newestFirst(entries: readonly Revocation[]): Revocation[] {
  const given = entries.flatMap((entry) => (entry.position === null ? [] : [{ entry, at: entry.position }]));
  return given.sort((a, b) => b.at - a.at).map(({ entry }) => entry);
}

/** Whether an entry says all that an earlier one of the same subject still says, and for as long. */
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

/** Whether all JWTs that the earlier one refuses are refused by the later one as well, and not after it. */
function isAboveVersion(later: Revocation, earlier: Revocation, settled: number): boolean {
  const inTime = timeOf(later.instant) <= Math.max(timeOf(earlier.instant), settled);
  return inTime && (later.version ?? 0) >= (earlier.version ?? 0);
}

/** Null is never. */
const timeOf = (instant: Date | null): number => instant?.getTime() ?? Infinity;
