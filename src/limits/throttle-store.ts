import type { Counter } from "./counter.js";

/** What some counters become, in the same order. Null: the counter does not exist yet. */
export type CounterChange = (counters: readonly (Counter | null)[]) => Counter[];

/** The storage that throttling needs: counters by name, shared by all nodes. Every method is one transaction. */
export interface ThrottleStore {
  /**
   * Replaces counters by what `next` makes of them, while nobody else can change them. `next` may be called again when
   * the transaction is repeated. When it throws, nothing is written.
   */
  change(names: readonly string[], next: CounterChange): Promise<void>;
  /** Takes one attempt back from some counters, and all of them from others; what they block is open again. */
  undo(names: { one: readonly string[]; all: readonly string[] }): Promise<void>;
  /** Deletes at most `limit` counters that expired before `before`; answers how many. */
  sweep(before: Date, limit: number): Promise<number>;
}
