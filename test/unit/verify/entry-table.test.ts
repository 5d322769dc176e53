import { randomUUID } from "node:crypto";
import {
  NEVER,
  createEntryTable,
  type EntryTable,
  type TableEntry,
} from "../../../packages/verify/src/entry-table.js";
import { uuidWords } from "../../../packages/verify/src/uuid-words.js";
import { randomOf, seeded } from "../../support/seeded.js";

const LAST_INSTANT = 253_402_300_799_999;

/** What the table says of an id, in an order that does not depend on it. */
function entriesOf(table: EntryTable, id: string): TableEntry[] {
  const found: TableEntry[] = [];
  const words = uuidWords(id);
  for (let slot = table.find(words); slot >= 0; slot = table.find(words, slot)) {
    found.push({
      kind: table.kind(slot),
      instant: table.instant(slot),
      version: table.version(slot),
      exp: table.exp(slot),
    });
  }
  return sorted(found);
}

const sorted = (entries: TableEntry[]) =>
  [...entries].sort(
    (a, b) => a.kind - b.kind || a.instant - b.instant || a.version - b.version || a.exp - b.exp,
  );

describe("uuidWords", () => {
  it("keeps every bit", () => {
    for (let round = 0; round < 1000; round += 1) {
      const uuid = randomUUID();
      const hex = uuidWords(uuid).map((word) => (word >>> 0).toString(16).padStart(8, "0"));
      expect(hex.join("")).toBe(uuid.replaceAll("-", ""));
    }
    expect(uuidWords("ffffffff-ffff-ffff-ffff-ffffffffffff")).toEqual([-1, -1, -1, -1]);
  });
});

describe("the table", () => {
  it("keeps the bounds of every field", () => {
    const table = createEntryTable();
    const zero = "00000000-0000-0000-0000-000000000000";
    const entries = [
      { kind: 1, instant: 0, version: 0, exp: 0 },
      { kind: 255, instant: LAST_INSTANT, version: 2 ** 31 - 1, exp: NEVER },
      { kind: 2, instant: 2 ** 32 - 1, version: 1, exp: 2 ** 31 },
      { kind: 3, instant: 2 ** 32, version: 1, exp: 2 ** 31 - 1 },
    ];
    for (const entry of entries) table.add(uuidWords(zero), entry);
    expect(entriesOf(table, zero)).toEqual(sorted(entries));
  });

  it("keeps what expires beyond its reach for good", () => {
    const table = createEntryTable();
    const id = randomUUID();
    table.add(uuidWords(id), { kind: 1, instant: 0, version: 0, exp: 253_402_300_799 });
    expect(entriesOf(table, id)[0]?.exp).toBe(NEVER);
    table.sweep(NEVER - 1, 10_000);
    expect(table.size()).toBe(1);
  });

  it("forgets at exp and not before", () => {
    const table = createEntryTable();
    const id = randomUUID();
    table.add(uuidWords(id), { kind: 1, instant: 0, version: 0, exp: 100 });
    table.sweep(99, 10_000);
    expect(table.size()).toBe(1);
    table.sweep(100, 10_000);
    expect([table.size(), entriesOf(table, id)]).toEqual([0, []]);
  });

  it("takes no more than 100 bytes an entry, and gives memory back", () => {
    const table = createEntryTable();
    const empty = table.bytes();
    let most = 0;
    for (let count = 1; count <= 100_000; count += 1) {
      table.add(uuidWords(randomUUID()), { kind: 1, instant: 0, version: 0, exp: 100 });
      if (count >= 1000) most = Math.max(most, table.bytes() / count);
    }
    expect(most).toBeLessThan(100);
    for (let round = 0; round < 1000; round += 1) table.sweep(100, 1000);
    expect([table.size(), table.bytes()]).toEqual([0, empty]);
  });
});

it.each([1, 2, 3, 4])("does what a naive map does, whatever is done to it (seed %i)", (seed) => {
  const random = seeded(seed);
  const table = createEntryTable();
  const model = new Map<string, TableEntry[]>();
  const ids = Array.from({ length: 300 }, () => randomUUID());
  const entry = (): TableEntry => ({
    kind: 1 + random(6),
    instant: random(2) * random(LAST_INSTANT),
    version: random(2 ** 31),
    exp: 1000 + random(1000),
  });
  const of = (id: string) => model.get(id) ?? [];
  const slotOf = (id: string) => {
    const words = uuidWords(id);
    let slot = table.find(words);
    for (let steps = random(3); steps > 0 && slot >= 0; steps -= 1) slot = table.find(words, slot);
    return slot;
  };
  const at = (slot: number): TableEntry => ({
    kind: table.kind(slot),
    instant: table.instant(slot),
    version: table.version(slot),
    exp: table.exp(slot),
  });
  const without = (id: string, gone: TableEntry) => {
    const rest = [...of(id)];
    rest.splice(
      rest.findIndex((one) => JSON.stringify(one) === JSON.stringify(gone)),
      1,
    );
    return rest;
  };
  for (let step = 0; step < 20_000; step += 1) {
    const id = randomOf(random, ids);
    const slot = slotOf(id);
    // It grows for a while, then shrinks, and again.
    const action = random(step % 8000 < 4000 ? 8 : 20);
    if (action < 5) {
      const added = entry();
      table.add(uuidWords(id), added);
      model.set(id, [...of(id), added]);
    } else if (action === 5 && slot >= 0) {
      const [gone, put] = [at(slot), entry()];
      table.replace(slot, put);
      model.set(id, [...without(id, gone), put]);
    } else if (action > 5 && slot >= 0) {
      const gone = at(slot);
      table.remove(slot);
      model.set(id, without(id, gone));
    }
    if (step % 1000 === 999) {
      const now = 1000 + random(300);
      table.sweep(now, table.bytes() / 16);
      for (const [one, entries] of model)
        model.set(
          one,
          entries.filter(({ exp }) => exp > now),
        );
      expect(ids.map((one) => entriesOf(table, one))).toEqual(ids.map((one) => sorted(of(one))));
      expect(table.size()).toBe([...model.values()].flat().length);
    }
  }
});
