import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Look-ups that share their queries.
 *
 * At most one query is under way. Calls that arrive meanwhile share the next
 * one, which starts after they arrived: so every answer is younger than its
 * call, and there is no cache to invalidate. The more calls arrive, the more of
 * them one query serves.
 *
 * @param load answers what is found for these keys, each of them once.
 * @returns a look-up of one key; undefined when nothing is found. It throws what `load` throws.
 */
export function coalesce<Key, Value>(
  load: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  let running: Promise<unknown> | null = null;
  let next: { keys: Set<Key>; answer: Promise<ReadonlyMap<Key, Value>> } | null = null;

  async function startBatch(keys: ReadonlySet<Key>): Promise<ReadonlyMap<Key, Value>> {
    await running?.catch(() => undefined);
    // What arrives in this turn of the event loop is read in before an immediate runs: it shares the query,
    // and the requests then go on side by side, each stage for all of them, which the CPU's caches like.
    await nextTurn();
    next = null;
    // Read here and not before: the keys that came while the last query ran are all in by now.
    const query = load([...keys]);
    running = query;
    const done = () => {
      if (running === query) running = null;
    };
    query.then(done, done);
    return query;
  }

  return async (key) => {
    if (!next) {
      const keys = new Set<Key>();
      next = { keys, answer: startBatch(keys) };
    }
    next.keys.add(key);
    return (await next.answer).get(key);
  };
}
