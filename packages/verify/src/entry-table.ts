import { randomInt } from "node:crypto";
import type { UuidWords } from "./uuid-words.js";

/** The content of a slot, without its UUID. */
export interface TableEntry {
  /** 1 to 255. */
  kind: number;
  /** Milliseconds since 1970, or 0 where the kind has no instant. */
  instant: number;
  /** 0 where the kind has no version. */
  version: number;
  /** Seconds since 1970. From then on the entry has no effect. `NEVER`: it always has one. */
  exp: number;
}

/**
 * A hash table of entries by UUID. A UUID may have several entries. A slot takes 32 bytes of one typed array, so a
 * million entries do not burden the garbage collector, and a look-up reads adjacent memory.
 * A slot number is valid until the next `add`, `remove` or `sweep`.
 */
export interface EntryTable {
  /** The first slot of this UUID, or the next one after a slot of it; -1 when there is none. */
  find(id: UuidWords, after?: number): number;
  kind(slot: number): number;
  instant(slot: number): number;
  version(slot: number): number;
  exp(slot: number): number;
  /** Adds a slot, even if the UUID has others. */
  add(id: UuidWords, entry: TableEntry): void;
  /** Overwrites the content of a slot. The UUID stays. */
  replace(slot: number, entry: TableEntry): void;
  remove(slot: number): void;
  /** Examines the next `slots` slots and removes entries that expired by `now` (seconds). */
  sweep(now: number, slots: number): void;
  /** The number of entries. */
  size(): number;
  /** The memory that the slots take. */
  bytes(): number;
}

/** In seconds this is the year 2106. An entry with this `exp` is never removed by `sweep`. */
export const NEVER = 0xffff_ffff;

/** 0 to 3: the UUID; 4: kind and the instant's upper 16 bits; 5: its lower 32; 6: version; 7: exp. */
const WORDS = 8;
const MIN_SLOTS = 64;
const MAX_LOAD = 0.75;
/** Far below the load after growing, so that a size that goes up and down does not resize the table each time. */
const MIN_LOAD = 0.15;
const TWO_TO_32 = 2 ** 32;

/** The slots. `mask` is their number minus one; the number is a power of two. Kind 0 marks an empty slot. */
interface Slots {
  words: Int32Array;
  mask: number;
  /** Random for each table, so that an attacker cannot choose UUIDs that collide. */
  seed: number;
}

const makeSlots = (count: number, seed: number): Slots => ({
  words: new Int32Array(count * WORDS),
  mask: count - 1,
  seed,
});

/** Mixes every bit into the low ones, like the last step of MurmurHash3. */
function mix(hash: number, word: number): number {
  let mixed = Math.imul(hash ^ word, 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

const word = ({ words }: Slots, slot: number, at: number): number => words[slot * WORDS + at] ?? 0;
const isFree = (slots: Slots, slot: number): boolean => word(slots, slot, 4) === 0;
const expOf = (slots: Slots, slot: number): number => word(slots, slot, 7) >>> 0;

/** The slot at which the search for a UUID begins. Linear probing from there finds all of its entries. */
function homeOf({ seed, mask }: Slots, a: number, b: number, c: number, d: number): number {
  return mix(mix(mix(mix(seed, a), b), c), d) & mask;
}

/** The home slot, in `table`, of the UUID in this slot. `table` has the same seed and may have another size. */
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

/** Empties a slot and moves later slots up into the gap, so that no search ends too early. */
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

/** Creates an empty table. It doubles or halves its size as needed. */
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
        // Another entry may have moved here. The next round examines it.
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
