import { randomInt } from "node:crypto";
import type { UuidWords } from "./uuid-words.js";

/** What one slot holds beside the UUID. */
export interface TableEntry {
  /** 1 to 255: what the entry says. */
  kind: number;
  /** Milliseconds since 1970, or 0 where the kind has no instant. */
  instant: number;
  /** 0 where the kind has no version. */
  version: number;
  /** Seconds since 1970 from when on the entry says nothing any more; `NEVER` when it always does. */
  exp: number;
}

/**
 * What has been said about UUIDs, several entries to one if need be. 32 bytes a slot, in one typed array:
 * a million entries are no load for the garbage collector, and one look costs one stretch of memory.
 * A slot's number is good until the next `add`, `remove` or `sweep`.
 */
export interface EntryTable {
  /** The first slot of this UUID, or the next one after a slot of it; -1 when there is none. */
  find(id: UuidWords, after?: number): number;
  kind(slot: number): number;
  instant(slot: number): number;
  version(slot: number): number;
  exp(slot: number): number;
  /** Adds a slot, whatever others the UUID has. */
  add(id: UuidWords, entry: TableEntry): void;
  /** Writes over what a slot of the UUID holds. */
  replace(slot: number, entry: TableEntry): void;
  remove(slot: number): void;
  /** Looks at the next `slots` slots and forgets what has said nothing since `now` (seconds). */
  sweep(now: number, slots: number): void;
  /** Entries. */
  size(): number;
  /** Memory of the slots. */
  bytes(): number;
}

/** As seconds, the year 2106; an entry that says so is kept for good. */
export const NEVER = 0xffff_ffff;

/** 0 to 3: the UUID; 4: kind and the instant's upper 16 bits; 5: its lower 32; 6: version; 7: exp. */
const WORDS = 8;
const MIN_SLOTS = 64;
const MAX_LOAD = 0.75;
/** Far below the load that growing leaves, so that a size that sways does not move everything each time. */
const MIN_LOAD = 0.15;
const TWO_TO_32 = 2 ** 32;

/** One array of slots; `mask` is their number less one, a power of two. Kind 0 is an empty slot. */
interface Slots {
  words: Int32Array;
  mask: number;
  /** Another one in each table, so that nobody can choose UUIDs that meet. */
  seed: number;
}

const makeSlots = (count: number, seed: number): Slots => ({
  words: new Int32Array(count * WORDS),
  mask: count - 1,
  seed,
});

/** Spreads every bit over the low ones, as MurmurHash3 ends. */
function mix(hash: number, word: number): number {
  let mixed = Math.imul(hash ^ word, 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

const word = ({ words }: Slots, slot: number, at: number): number => words[slot * WORDS + at] ?? 0;
const isFree = (slots: Slots, slot: number): boolean => word(slots, slot, 4) === 0;
const expOf = (slots: Slots, slot: number): number => word(slots, slot, 7) >>> 0;

/** Where the search for a UUID begins: linear probing from there to the first empty slot meets all of its entries. */
function homeOf({ seed, mask }: Slots, a: number, b: number, c: number, d: number): number {
  return mix(mix(mix(mix(seed, a), b), c), d) & mask;
}

/** Where the UUID of this slot has its home in a table, of the same seed, of `slots` or of another size. */
const homeOfSlot = (slots: Slots, slot: number, table: Slots): number =>
  homeOf(table, word(slots, slot, 0), word(slots, slot, 1), word(slots, slot, 2), word(slots, slot, 3));

function nextOf(slots: Slots, [a, b, c, d]: UuidWords, from: number): number {
  const { words, mask } = slots;
  for (let slot = from; !isFree(slots, slot); slot = (slot + 1) & mask) {
    const at = slot * WORDS;
    if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return slot;
  }
  return -1;
}

function firstFree(slots: Slots, home: number): number {
  let slot = home;
  while (!isFree(slots, slot)) slot = (slot + 1) & slots.mask;
  return slot;
}

function write({ words }: Slots, slot: number, { kind, instant, version, exp }: TableEntry): void {
  const at = slot * WORDS;
  words[at + 4] = (kind << 16) | Math.floor(instant / TWO_TO_32);
  words[at + 5] = instant | 0;
  words[at + 6] = version;
  words[at + 7] = Math.min(exp, NEVER);
}

/** Empties a slot. What follows moves up, so that no search ends too early and none walks over what is gone. */
function clear(slots: Slots, slot: number): void {
  const { words, mask } = slots;
  let hole = slot;
  for (let next = (hole + 1) & mask; !isFree(slots, next); next = (next + 1) & mask) {
    const fits = ((next - homeOfSlot(slots, next, slots)) & mask) >= ((next - hole) & mask);
    if (!fits) continue;
    words.copyWithin(hole * WORDS, next * WORDS, next * WORDS + WORDS);
    hole = next;
  }
  words.fill(0, hole * WORDS, hole * WORDS + WORDS);
}

function copyAll(from: Slots, count: number): Slots {
  const to = makeSlots(count, from.seed);
  for (let slot = 0; slot <= from.mask; slot += 1) {
    if (isFree(from, slot)) continue;
    const target = firstFree(to, homeOfSlot(from, slot, to)) * WORDS;
    const source = slot * WORDS;
    for (let at = 0; at < WORDS; at += 1) to.words[target + at] = from.words[source + at] ?? 0;
  }
  return to;
}

/** Makes an empty table. It grows and shrinks by halves as entries come and go. */
export function createEntryTable(): EntryTable {
  let slots = makeSlots(MIN_SLOTS, randomInt(2 ** 32));
  let size = 0;
  let swept = 0;

  return {
    find: (id, after) =>
      nextOf(slots, id, after === undefined ? homeOf(slots, ...id) : (after + 1) & slots.mask),
    kind: (slot) => word(slots, slot, 4) >>> 16,
    instant: (slot) => (word(slots, slot, 4) & 0xffff) * TWO_TO_32 + (word(slots, slot, 5) >>> 0),
    version: (slot) => word(slots, slot, 6),
    exp: (slot) => expOf(slots, slot),
    add(id, entry) {
      if (size + 1 > (slots.mask + 1) * MAX_LOAD) slots = copyAll(slots, (slots.mask + 1) * 2);
      const slot = firstFree(slots, homeOf(slots, ...id));
      slots.words.set(id, slot * WORDS);
      write(slots, slot, entry);
      size += 1;
    },
    replace: (slot, entry) => write(slots, slot, entry),
    remove(slot) {
      clear(slots, slot);
      size -= 1;
    },
    sweep(now, count) {
      for (let looked = 0; looked < count; looked += 1) {
        swept &= slots.mask;
        if (isFree(slots, swept) || expOf(slots, swept) > now) {
          swept += 1;
          continue;
        }
        // Another entry may have moved here: it is looked at next.
        clear(slots, swept);
        size -= 1;
      }
      const all = slots.mask + 1;
      if (all > MIN_SLOTS && size < all * MIN_LOAD) slots = copyAll(slots, all / 2);
    },
    size: () => size,
    bytes: () => slots.words.byteLength,
  };
}
