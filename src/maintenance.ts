import type { Logger } from "pino";
import type { Config } from "./config/config.js";
import { FEED_MARGIN_MS, SETTLED_AFTER_MS } from "./config/timing.js";
import type { KeyDeps } from "./keys/key-lifecycle.js";
import { startKeyMaintenance } from "./keys/key-maintenance.js";
import type { KeyRing } from "./keys/key-ring.js";
import { systemClock } from "./lib/clock.js";
import type { SteadyClock } from "./lib/steady-clock.js";
import { sweepPeriodically, type Sweep } from "./lib/run-periodically.js";
import type { ThrottleStore } from "./limits/throttle-store.js";
import type { FeedStore } from "./revocation/feed-store.js";
import { startSequencing } from "./revocation/start-sequencing.js";
import type { TokenStore } from "./tokens/token-store.js";

/** How often a node checks whether its clock was set. */
const CLOCK_LOOK_MS = 1_000;

/** Starts what a gateway does by itself while it runs; the answer stops it. */
export function startMaintenance(
  { config, log, keys, keyChanges }: { config: Config; log: Logger; keys: KeyRing; keyChanges: KeyDeps },
  stores: { tokens: TokenStore; throttle: ThrottleStore; feed: FeedStore },
  steadyClock: SteadyClock,
): () => Promise<void> {
  const { retentionMs } = config.tokens;
  const sweep = (what: string, keptForMs: number, rows: Sweep["sweep"]) =>
    sweepPeriodically({ what, retentionMs: keptForMs, sweep: rows, clock: systemClock, log });
  const clockLooks = setInterval(steadyClock.look, CLOCK_LOOK_MS).unref();
  const stops = [
    sweep("ended tokens", retentionMs, stores.tokens.sweep),
    sweep("throttle counters", 0, stores.throttle.sweep),
    sweep("feed entries", FEED_MARGIN_MS, stores.feed.sweep),
    sweep("superseded feed entries", SETTLED_AFTER_MS, stores.feed.tidy),
    startSequencing(stores.feed, log),
    startKeyMaintenance({ ...keyChanges, keys, log, rotationMs: config.keyRotationMs, retentionMs }),
  ];
  return async () => {
    clearInterval(clockLooks);
    await Promise.all(stops.map((stop) => stop()));
  };
}
