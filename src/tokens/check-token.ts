import { setImmediate as nextTurn } from "node:timers/promises";
import type { TokenStanding, TokenStore } from "./token-store.js";

/** Answers how a token stands at a moment after the call; undefined for an unknown key. */
export type TokenCheck = (key: string) => Promise<TokenStanding | undefined>;

/**
 * The coalesced row check, the heart of the gateway.
 *
 * At most one query is under way. Calls that arrive meanwhile share the next
 * one, which starts after they arrived: so every answer is younger than its
 * call, a revocation acknowledged anywhere before a request arrived is always
 * seen, and there is no cache to invalidate. The more requests arrive, the more
 * of them one query serves.
 *
 * @throws SERVICE_UNAVAILABLE when the database cannot answer: the check fails closed.
 */
export function createTokenCheck(store: Pick<TokenStore, "standings">): TokenCheck {
  let running: Promise<unknown> | null = null;
  let next: { keys: Set<string>; answer: Promise<Map<string, TokenStanding>> } | null = null;

  async function startBatch(keys: ReadonlySet<string>): Promise<Map<string, TokenStanding>> {
    await running?.catch(() => undefined);
    // What arrives in this turn of the event loop is read in before an immediate runs: it shares the query,
    // and the requests then go on side by side, each stage for all of them, which the CPU's caches like.
    await nextTurn();
    next = null;
    // Read here and not before: the keys that came while the last query ran are all in by now.
    const query = store.standings([...keys]);
    running = query;
    const done = () => {
      if (running === query) running = null;
    };
    query.then(done, done);
    return query;
  }

  return async (key) => {
    if (!next) {
      const keys = new Set<string>();
      next = { keys, answer: startBatch(keys) };
    }
    next.keys.add(key);
    return (await next.answer).get(key);
  };
}
