import { KEY_POLL_MS } from "../config/timing.js";
import type { FlapLog } from "../lib/report-flaps.js";
import { runPeriodically } from "../lib/run-periodically.js";
import { listKeys, publishKey, type KeyDeps } from "./key-lifecycle.js";
import type { KeyRing } from "./key-ring.js";
import type { KeyStatus } from "./key-statuses.js";

export interface MaintainDeps extends KeyDeps {
  /** How long a key signs before the next one is made; null: until somebody rotates it. */
  rotationMs: number | null;
  /** How long a dropped key is remembered. */
  retentionMs: number;
}

/**
 * What a node does for the keys by itself: it publishes the next one when the present one has signed for
 * long enough, and deletes those that no token needs. Any number of nodes may do this at once: they
 * take turns, and all but the first find nothing to do.
 *
 * @param options.atStart also when new keys are to be of another algorithm. Only then: nodes that are
 *   configured differently must not outdo each other for ever.
 */
export async function maintainKeys(deps: MaintainDeps, { atStart }: { atStart: boolean }): Promise<void> {
  const look = async () => {
    const keys = await listKeys(deps);
    const spent = keys.filter((key) => isSpent(key, deps)).map(({ kid }) => kid);
    return { keys, spent, due: isDue(keys, deps, atStart) };
  };
  const { spent, due } = await look();
  if (!due && spent.length === 0) return;
  await deps.exclusively(async () => {
    const now = await look();
    const signsFrom = new Date(deps.clock() + deps.publishAheadMs);
    if (now.due) await publishKey(deps, now.keys, signsFrom, "schedule");
    if (now.spent.length === 0) return;
    await deps.store.remove(now.spent);
    for (const kid of now.spent) deps.audit({ event: "key.removed", kid, by: "schedule" });
  });
}

function isDue(
  keys: readonly KeyStatus[],
  { rotationMs, algorithm, clock }: MaintainDeps,
  atStart: boolean,
): boolean {
  const signing = keys.find(({ state }) => state === "signing");
  if (!signing || keys.some(({ state }) => state === "upcoming")) return false;
  if (atStart && signing.algorithm !== algorithm) return true;
  return rotationMs !== null && signing.activationTime.getTime() + rotationMs <= clock();
}

function isSpent({ publishedUntil, dropTime }: KeyStatus, { retentionMs, clock }: MaintainDeps): boolean {
  const end = dropTime ? dropTime.getTime() + retentionMs : publishedUntil?.getTime();
  return end !== undefined && end <= clock();
}

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
