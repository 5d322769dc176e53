import type { Revocation } from "../entities/revocation.js";

/**
 * A feed entry before `completeEntries` has compared it with the earlier entries. Its `expirationTime` covers the JWTs
 * that the change itself concerns.
 */
export type EntryDraft = Omit<Revocation, "id" | "position" | "creationTime">;

/** A feed entry that is about to be written. It gets its id when it is written, and its position later. */
export type NewRevocation = Omit<Revocation, "id" | "position">;

/** What the next entry needs to know about the entries before it. */
export interface EarlierEntries {
  /** Creation time of the newest entry, in milliseconds. */
  lastTime: number;
  /** When the last JWT expires that one of them concerns; null for never. */
  expirationTime: Date | null;
}

/** The entries that a new one comes after and may supersede: all of a token, those of the same kind of an account. */
export function earlierThan({ kind, subject }: Pick<Revocation, "kind" | "subject">) {
  return kind === "user" || kind === "role" ? { subject, kind } : { subject };
}

/**
 * Completes the drafts of one change with what depends on the earlier entries of their subjects.
 *
 * - An entry is later than every earlier one, even one that a node wrote whose clock is ahead.
 * - It is kept for at least as long as the earlier ones: it may supersede them, and the `exp` of a JWT never changes.
 * - An entry of a whole account is kept for at least as long as those of the tokens that ended with it.
 *
 * @param earlier by subject; a subject without earlier entries is left out.
 */
export function completeEntries(
  drafts: readonly EntryDraft[],
  earlier: ReadonlyMap<string, EarlierEntries>,
  now: Date,
): NewRevocation[] {
  const entries = drafts.map((draft) => placeAfter(draft, earlier.get(draft.subject), now));
  const longest = latestOf(entries.map(({ expirationTime }) => expirationTime));
  return entries.map((entry) => (entry.kind === "user" ? { ...entry, expirationTime: longest } : entry));
}

function placeAfter(draft: EntryDraft, earlier: EarlierEntries | undefined, now: Date): NewRevocation {
  if (!earlier) return { ...draft, creationTime: now };
  return {
    ...draft,
    creationTime: new Date(Math.max(now.getTime(), earlier.lastTime + 1)),
    expirationTime: latestOf([draft.expirationTime, earlier.expirationTime]),
  };
}

/** The latest of several expiration times. Null means never, which is the latest of all. */
export function latestOf(expirationTimes: readonly (Date | null)[]): Date | null {
  const latest = Math.max(...expirationTimes.map((time) => time?.getTime() ?? Infinity));
  return Number.isFinite(latest) ? new Date(latest) : null;
}
