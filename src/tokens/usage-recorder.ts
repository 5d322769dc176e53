import type { Clock } from "../lib/clock.js";
import { createFlapReporter, type FlapLog } from "../lib/report-flaps.js";
import { runPeriodically } from "../lib/run-periodically.js";
import type { TokenStore } from "./token-store.js";

/** Milliseconds by which `lastUsageTime` may lag behind. */
const FLUSH_EVERY_MS = 5_000;

/** Keys in one write: each is one short transaction. */
const CHUNK = 200;

export interface UsageRecorder {
  /** Notes a use; costs no I/O. */
  used(tokenKey: string): void;
  /** Writes what was noted. Never throws: a use that cannot be written must not fail a request. */
  flush(): Promise<void>;
  /** Stops the timer and writes a last time. */
  close(): Promise<void>;
}

/** Writes `lastUsageTime` behind the requests, many tokens at once. */
export function createUsageRecorder(deps: {
  store: Pick<TokenStore, "touch">;
  clock: Clock;
  log: FlapLog;
}): UsageRecorder {
  let noted = new Map<string, number>();
  let flushing: Promise<void> = Promise.resolve();
  const reporter = createFlapReporter(deps.log, {
    failing: "last usage times cannot be written and are kept",
    recovered: "last usage times are written again",
  });

  async function write(): Promise<void> {
    const uses = noted;
    noted = new Map();
    try {
      for (const { keys, at } of bySecond(uses)) await deps.store.touch(keys, at);
    } catch (error) {
      // Kept for the next time, unless used again meanwhile.
      noted = new Map([...uses, ...noted]);
      throw error;
    }
  }

  function flush(): Promise<void> {
    flushing = flushing.then(write).then(reporter.succeeded, reporter.failed);
    return flushing;
  }

  const stop = runPeriodically({
    what: "usage recording",
    everyMs: FLUSH_EVERY_MS,
    run: flush,
    log: deps.log,
  });
  return {
    used: (tokenKey) => void noted.set(tokenKey, deps.clock()),
    flush,
    close: async () => {
      await stop();
      await flush();
    },
  };
}

/**
 * The uses of one second in one write: a write a token would cost too much, and
 * a time for all of them would be wrong by as long as they waited. Keys are in one order
 * on every node, so that two nodes that touch the same rows do not deadlock.
 */
function bySecond(uses: ReadonlyMap<string, number>): { keys: string[]; at: Date }[] {
  const seconds = new Map<number, { keys: string[]; latest: number }>();
  for (const key of [...uses.keys()].sort()) {
    const time = uses.get(key) ?? 0;
    const second = Math.floor(time / 1_000);
    const same = seconds.get(second) ?? { keys: [], latest: time };
    same.keys.push(key);
    same.latest = Math.max(same.latest, time);
    seconds.set(second, same);
  }
  return [...seconds.values()].flatMap(({ keys, latest }) =>
    Array.from({ length: Math.ceil(keys.length / CHUNK) }, (_, at) => ({
      keys: keys.slice(at * CHUNK, (at + 1) * CHUNK),
      at: new Date(latest),
    })),
  );
}
