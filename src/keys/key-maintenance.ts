import { KEY_POLL_MS } from "../config/timing.js";
import type { FlapLog } from "../lib/report-flaps.js";
import { runPeriodically } from "../lib/run-periodically.js";
import type { KeyRing } from "./key-ring.js";
import { maintainKeys, type MaintainDeps } from "./maintain-keys.js";

const TEND_EVERY_MS = 10_000;

interface KeyMaintenanceDeps extends MaintainDeps {
  keys: Pick<KeyRing, "load">;
  log: FlapLog;
}

/**
 * Keeps a node's keys as the store has them, and those in the store as they are meant to be.
 *
 * @returns a function that stops both and waits for what is under way.
 */
export function startKeyMaintenance(deps: KeyMaintenanceDeps): () => Promise<void> {
  const { keys, log } = deps;
  let atStart = true;
  const maintain = async () => {
    await maintainKeys(deps, { atStart });
    atStart = false;
  };
  const shared = { firstMs: 0, log };
  const stops = [
    runPeriodically({
      what: "reading the signing keys",
      everyMs: KEY_POLL_MS,
      run: () => keys.load(),
      ...shared,
    }),
    runPeriodically({
      what: "the maintenance of signing keys",
      everyMs: TEND_EVERY_MS,
      run: maintain,
      ...shared,
    }),
  ];
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}
