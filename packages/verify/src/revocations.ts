import { NEVER, createEntryTable, type EntryTable, type TableEntry } from "./entry-table.js";
import type { FeedEntry } from "#wire/feed-entry.js";
import { uuidWords, type UuidWords } from "./uuid-words.js";
import type { PrivilegeViewer, UserViewer } from "./verification.js";

/** What a verified token is looked up by. */
export interface JudgedIds {
  readonly token: UuidWords;
  readonly user: UuidWords;
}

type Judged<V extends PrivilegeViewer | UserViewer> = Pick<V, "sid" | "userId" | "issuedAt">;

/** Of a verified token, what revocations are about. */
export interface JudgedToken {
  readonly viewer: Judged<PrivilegeViewer> | (Judged<UserViewer> & Pick<UserViewer, "version">);
  /** `idsOf` its viewer, where somebody has kept them: to work them out each time is the most of a judgement. */
  readonly ids: JudgedIds | null;
}

export type Verdict = "TOKEN_REVOKED" | "TOKEN_EXPIRED" | "TOKEN_DISABLED" | null;

/** Everything the feed has said that a token which is still alive could meet. */
export interface Revocations {
  /** `settled`: milliseconds; an instant that has passed by every clock that counts. */
  apply(entry: FeedEntry, settled: number): void;
  /** What the feed says of a token at `now` (milliseconds); null when nothing. */
  judge(token: JudgedToken, now: number): Verdict;
  /** Forgets some of what says nothing any more at `settled`; called again and again it gets round. */
  sweep(settled: number): void;
  /** Entries. */
  size(): number;
  bytes(): number;
}

const TOKEN = 1;
const DISABLED = 2;
const EXPIRY = 3;
const VERSION = 4;
const USER = 5;
const ROLE = 6;

/** A table that grows holds everything up for a moment: of sixteen, each for a sixteenth of it. */
const TABLES = 16;
const SWEPT_SLOTS = 4096;
/** Of one token, at once. Who rotates more often than that within a grace gets a shorter one. */
const MAX_VERSIONS = 4;

export const idsOf = ({ sid, userId }: JudgedToken["viewer"]): JudgedIds => ({
  token: uuidWords(sid),
  user: uuidWords(userId),
});

function slotOf(table: EntryTable, id: UuidWords, kind: number): number {
  let slot = table.find(id);
  while (slot >= 0 && table.kind(slot) !== kind) slot = table.find(id, slot);
  return slot;
}

/** Leaves one entry of this kind: the new one, or what `instant` makes of the earlier instant and the new one. */
function put(
  table: EntryTable,
  id: UuidWords,
  entry: TableEntry,
  instant: (earlier: number, later: number) => number = (_, later) => later,
): void {
  const slot = slotOf(table, id, entry.kind);
  if (slot < 0) {
    table.add(id, entry);
    return;
  }
  table.replace(slot, {
    ...entry,
    instant: instant(table.instant(slot), entry.instant),
    exp: Math.max(table.exp(slot), entry.exp),
  });
}

function drop(table: EntryTable, id: UuidWords, kind: number): void {
  const slot = slotOf(table, id, kind);
  if (slot >= 0) table.remove(slot);
}

const versionsOf = (table: EntryTable, id: UuidWords): TableEntry[] => {
  const found: TableEntry[] = [];
  for (let slot = table.find(id); slot >= 0; slot = table.find(id, slot)) {
    if (table.kind(slot) !== VERSION) continue;
    const [instant, version, exp] = [table.instant(slot), table.version(slot), table.exp(slot)];
    found.push({ kind: VERSION, instant, version, exp });
  }
  return found;
};

/**
 * Of a token's versions, keeps those that say something: the highest that is in force, and each that takes
 * effect before all higher ones do. However often a token is rotated, they are few; where even those are too
 * many, the newest takes effect early, which fails closed.
 */
function putVersion(table: EntryTable, id: UuidWords, entry: TableEntry, settled: number): void {
  const all = [...versionsOf(table, id), entry];
  while (slotOf(table, id, VERSION) >= 0) drop(table, id, VERSION);
  all.sort((a, b) => b.version - a.version || a.instant - b.instant);
  const kept: TableEntry[] = [];
  let earliest = Infinity;
  for (const one of all) {
    const instant = Math.max(one.instant, settled);
    if (instant >= earliest) continue;
    kept.push(one);
    earliest = instant;
  }
  const [newest, second] = kept;
  if (newest && second && kept.length > MAX_VERSIONS)
    kept.splice(0, 2, { ...newest, instant: second.instant });
  for (const one of kept) table.add(id, one);
}

function judgeBySid(table: EntryTable, sid: UuidWords, version: number | null, now: number): Verdict {
  let verdict: Verdict = null;
  for (let slot = table.find(sid); slot >= 0; slot = table.find(sid, slot)) {
    switch (table.kind(slot)) {
      case TOKEN:
        return "TOKEN_REVOKED";
      case VERSION:
        if (version !== null && version < table.version(slot) && table.instant(slot) <= now)
          return "TOKEN_REVOKED";
        break;
      case EXPIRY:
        if (table.instant(slot) <= now) verdict = "TOKEN_EXPIRED";
        break;
      case DISABLED:
        verdict ??= "TOKEN_DISABLED";
        break;
    }
  }
  return verdict;
}

/** The instant of issue is in whole seconds: what was issued within the second of the entry's counts as before it. */
function isBefore(table: EntryTable, sub: UuidWords, issuedAt: number): boolean {
  for (let slot = table.find(sub); slot >= 0; slot = table.find(sub, slot)) {
    const kind = table.kind(slot);
    const concerned = kind === USER || kind === ROLE;
    if (concerned && issuedAt < table.instant(slot)) return true;
  }
  return false;
}

/** Writes an entry down. What an earlier entry of the same kind says is merged into it. */
function applyTo(table: EntryTable, id: UuidWords, entry: FeedEntry, settled: number): void {
  const exp = entry.exp === null ? NEVER : entry.exp;
  switch (entry.kind) {
    case "token":
      put(table, id, { kind: TOKEN, instant: 0, version: 0, exp });
      break;
    case "disabled":
      put(table, id, { kind: DISABLED, instant: 0, version: 0, exp });
      break;
    case "enabled":
      drop(table, id, DISABLED);
      break;
    case "expiry":
      put(table, id, { kind: EXPIRY, instant: entry.at, version: 0, exp });
      break;
    case "version":
      putVersion(table, id, { kind: VERSION, instant: entry.from, version: entry.ver, exp }, settled);
      break;
    case "user":
      put(table, id, { kind: USER, instant: entry.before, version: 0, exp }, Math.max);
      break;
    case "role":
      put(table, id, { kind: ROLE, instant: entry.before, version: 0, exp }, Math.max);
      break;
  }
}

/** Makes an empty set for verifiers of one kind of token: what cannot concern that kind is not kept. */
export function createRevocations(tokens: "privilege" | "user"): Revocations {
  const ignored = tokens === "privilege" ? "version" : "role";
  const tables = Array.from({ length: TABLES }, createEntryTable);
  const tableOf = (id: UuidWords): EntryTable => tables[id[3] & (TABLES - 1)] as EntryTable;
  const sum = (of: (table: EntryTable) => number) => tables.reduce((total, table) => total + of(table), 0);
  let sweeps = 0;
  return {
    apply(entry, settled) {
      if (entry.kind === ignored) return;
      const id = uuidWords("sid" in entry ? entry.sid : entry.sub);
      applyTo(tableOf(id), id, entry, settled);
    },
    judge({ viewer, ids }, now) {
      const { token, user } = ids ?? idsOf(viewer);
      const version = "version" in viewer ? viewer.version : null;
      const verdict = judgeBySid(tableOf(token), token, version, now);
      return isBefore(tableOf(user), user, viewer.issuedAt) ? "TOKEN_REVOKED" : verdict;
    },
    sweep(settled) {
      sweeps = (sweeps + 1) % TABLES;
      tables[sweeps]?.sweep(Math.floor(settled / 1000), SWEPT_SLOTS);
    },
    size: () => sum((table) => table.size()),
    bytes: () => sum((table) => table.bytes()),
  };
}
