import { In, LessThan, type EntityManager } from "typeorm";
import { ThrottleCounter } from "../entities/throttle-counter.js";
import type { Counter } from "../limits/counter.js";
import type { CounterChange, ThrottleStore } from "../limits/throttle-store.js";
import type { Database } from "./database.js";

/** The throttling counters in the database. */
export function createThrottleStore({ transact }: Database): ThrottleStore {
  return {
    change: (names, next) => transact((manager) => change(manager, names, next)),
    undo: ({ one, all }) =>
      transact(async (manager) => {
        if (one.length + all.length === 0) return;
        await manager
          .createQueryBuilder()
          .update(ThrottleCounter)
          .set({
            amount: () => "CASE WHEN name IN (:...one) THEN amount - 1 ELSE 0 END",
            blockedUntil: new Date(0),
          })
          .where("name IN (:...names) AND amount > 0", { names: [...one, ...all] })
          .setParameters({ one: [...one, ""] })
          .execute();
      }),
    sweep: (before, limit) => transact((manager) => deleteExpired(manager, before, limit)),
  };
}

async function change(manager: EntityManager, names: readonly string[], next: CounterChange): Promise<void> {
  await lock(manager, names);
  const rows = await manager.findBy(ThrottleCounter, { name: In([...names]) });
  const found = new Map(rows.map((row) => [row.name, row]));
  const changed = next(names.map((name) => counterOf(found.get(name))));
  await upsert(
    manager,
    changed.map((counter, at) => rowOf(names[at] ?? "", counter)),
    ["amount", "blockedUntil", "expirationTime"],
  );
}

/**
 * Creates missing rows and takes the locks of all rows. So of two first attempts at the same time, the second waits and finds
 * the row of the first. An update that changes nothing takes InnoDB's row lock, and works on SQLite too.
 */
function lock(manager: EntityManager, names: readonly string[]): Promise<void> {
  const empty = { amount: 0, blockedUntil: 0, expirationTime: 0 };
  return upsert(
    manager,
    names.map((name) => rowOf(name, empty)),
    ["name"],
  );
}

/** Writes rows sorted by name, so that two attempts that share counters cannot deadlock. */
async function upsert(
  manager: EntityManager,
  rows: readonly ThrottleCounter[],
  columns: string[],
): Promise<void> {
  await manager
    .createQueryBuilder()
    .insert()
    .into(ThrottleCounter)
    .values(rows.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    .orUpdate(columns, ["name"])
    .updateEntity(false)
    .execute();
}

async function deleteExpired(manager: EntityManager, before: Date, limit: number): Promise<number> {
  const expired = { expirationTime: LessThan(before) };
  const rows = await manager.find(ThrottleCounter, { select: { name: true }, where: expired, take: limit });
  if (rows.length === 0) return 0;
  // The condition is repeated: a counter may have been used again since the read.
  await manager.delete(ThrottleCounter, {
    name: In(rows.map(({ name }) => name)),
    expirationTime: LessThan(before),
  });
  return rows.length;
}

/** The counter of a row. A row that `lock` has just created is expired, so it counts as never used. */
function counterOf(row: ThrottleCounter | undefined): Counter | null {
  if (!row) return null;
  const { amount, blockedUntil, expirationTime } = row;
  return { amount, blockedUntil: blockedUntil.getTime(), expirationTime: expirationTime.getTime() };
}

const rowOf = (name: string, { amount, blockedUntil, expirationTime }: Counter): ThrottleCounter => ({
  name,
  amount,
  blockedUntil: new Date(blockedUntil),
  expirationTime: new Date(expirationTime),
});
