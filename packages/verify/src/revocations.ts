import { NEVER, createEntryTable, type EntryTable, type TableEntry } from "./entry-table.js";
import type { FeedEntry } from "#wire/feed-entry.js";
import { uuidWords, type UuidWords } from "./uuid-words.js";
import type { PrivilegeViewer, UserViewer } from "./verification.js";

/** The ids by which revocations of a token are looked up. */
export interface JudgedIds {
  readonly token: UuidWords;
  readonly user: UuidWords;
}

type Judged<V extends PrivilegeViewer | UserViewer> = Pick<V, "sid" | "userId" | "issuedAt">;

/** The parts of a verified token that revocations refer to. */
export interface JudgedToken {
  readonly viewer: Judged<PrivilegeViewer> | (Judged<UserViewer> & Pick<UserViewer, "version">);
  /** The cached result of `idsOf`, if any: computing it takes most of the time of `judge`. */
  readonly ids: JudgedIds | null;
}

export type Verdict = "TOKEN_REVOKED" | "TOKEN_EXPIRED" | "TOKEN_DISABLED" | null;

/** The entries of the feed that can concern a token that has not expired. */
export interface Revocations {
  /** `settled`: an instant, in milliseconds, that is in the past by the clocks of both machines. */
  apply(entry: FeedEntry, settled: number): void;
  /** Returns how the feed concerns a token at `now` (milliseconds); null when it does not. */
  judge(token: JudgedToken, now: number): Verdict;
  /** Removes some of the entries that have no effect after `settled`. Repeated calls get to all of them. */
  sweep(settled: number): void;
  /** The number of entries. */
  size(): number;
  bytes(): number;
}

const TOKEN = 1;
const DISABLED = 2;
const EXPIRY = 3;
const VERSION = 4;
const USER = 5;
const ROLE = 6;

/** Growing a table blocks the process for a moment. With sixteen tables each growth takes a sixteenth of the time. */
const TABLES = 16;
const SWEPT_SLOTS = 4096;
/** Version entries of one token. More rotations than that within one grace period shorten the grace period. */
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

/** Keeps one entry of a kind. `instant` chooses between the earlier instant and the new one; by default the new one. */
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
 * Keeps only the version entries of a token that have an effect: the highest one in force, and each one that takes
 * effect before all higher ones. There are few of them, however often a token is rotated. If there are still too many,
 * the newest takes effect early, which is the safe side.
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

/** `issuedAt` is in whole seconds, so a token issued in the same second as the entry counts as issued before it. */
function isBefore(table: EntryTable, sub: UuidWords, issuedAt: number): boolean {
  for (let slot = table.find(sub); slot >= 0; slot = table.find(sub, slot)) {
    const kind = table.kind(slot);
    const concerned = kind === USER || kind === ROLE;
    if (concerned && issuedAt < table.instant(slot)) return true;
  }
  return false;
}

/** Stores an entry, merged with an earlier one of the same kind. */
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

/** Creates an empty set for verifiers of one type of token. Entries that cannot concern that type are not stored. */
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
