import type { Logger } from "pino";
import type { Clock } from "../lib/clock.js";
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
  log: Logger;
}): UsageRecorder {
  let noted = new Set<string>();
  let flushing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    // In one order on every node: two nodes that touch the same rows do not deadlock.
    const keys = [...noted].sort();
    noted = new Set();
    const at = new Date(deps.clock());
    for (let start = 0; start < keys.length; start += CHUNK) {
      await deps.store.touch(keys.slice(start, start + CHUNK), at);
    }
  }

  function flush(): Promise<void> {
    flushing = flushing.then(write).catch((error: unknown) => {
      deps.log.warn({ err: error }, "last usage times were not written");
    });
    return flushing;
  }

  const timer = setInterval(() => void flush(), FLUSH_EVERY_MS).unref();
  return {
    used: (tokenKey) => void noted.add(tokenKey),
    flush,
    close: () => {
      clearInterval(timer);
      return flush();
    },
  };
}
