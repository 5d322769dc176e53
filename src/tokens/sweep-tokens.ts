import type { Logger } from "pino";
import type { Clock } from "../lib/clock.js";
import type { TokenStore } from "./token-store.js";

const SWEEP_EVERY_MS = 3_600_000;
const BATCH = 500;

/**
 * Deletes tokens that ended longer than `retentionMs` ago, in short batches.
 * @returns how many were deleted.
 */
export async function sweepTokens(
  store: Pick<TokenStore, "sweep">,
  clock: Clock,
  retentionMs: number,
): Promise<number> {
  const before = new Date(clock() - retentionMs);
  let swept = 0;
  for (;;) {
    const batch = await store.sweep(before, BATCH);
    swept += batch;
    if (batch < BATCH) return swept;
  }
}

/** Sweeps every hour until the returned function is called. A failed sweep waits for the next. */
export function startSweeping(deps: {
  store: Pick<TokenStore, "sweep">;
  clock: Clock;
  log: Logger;
  retentionMs: number;
}): () => void {
  const sweep = () =>
    sweepTokens(deps.store, deps.clock, deps.retentionMs).catch((error: unknown) => {
      deps.log.warn({ err: error }, "ended tokens were not swept");
    });
  const timer = setInterval(() => void sweep(), SWEEP_EVERY_MS).unref();
  return () => {
    clearInterval(timer);
  };
}
