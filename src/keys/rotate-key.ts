import { ROTATE_NOW_AHEAD_MS } from "../config/timing.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import { generateSigningKey } from "./generate-signing-key.js";
import type { KeyActor, KeyDeps } from "./key-deps.js";
import type { KeyStatus } from "./key-statuses.js";
import { findKey, listKeys } from "./list-keys.js";

/**
 * Publishes the next signing key. It signs once verifiers have had the time to fetch it; the one before it
 * retires by itself then, and stays published for what it signed.
 *
 * @param options.atOnce as soon as every node knows the key, without regard to verifiers. One that is being
 *   published already is brought forward.
 * @returns the next key.
 * @throws CONFLICT when one that signs as soon is being published already.
 */
export function rotateKey(
  deps: KeyDeps,
  { atOnce, by }: { atOnce: boolean; by: KeyActor },
): Promise<KeyStatus> {
  return deps.exclusively(async () => {
    const signsFrom = new Date(deps.clock() + (atOnce ? ROTATE_NOW_AHEAD_MS : deps.publishAheadMs));
    const keys = await listKeys(deps);
    const upcoming = keys.find(({ state }) => state === "upcoming");
    if (!upcoming) return findKey(deps, await publishKey(deps, keys, signsFrom, by));
    if (upcoming.activationTime <= signsFrom) throw underWay(upcoming);
    await deps.store.activate(upcoming.kid, signsFrom);
    record(deps, keys, { kid: upcoming.kid, signsFrom, by });
    return findKey(deps, upcoming.kid);
  });
}

/**
 * Makes a key and stores it. The caller sees to it that no other does the same.
 *
 * @param keys how the keys stand now.
 * @returns its kid.
 */
export async function publishKey(
  deps: KeyDeps,
  keys: readonly KeyStatus[],
  signsFrom: Date,
  by: KeyActor,
): Promise<string> {
  const { store, secrets, algorithm, clock } = deps;
  const values = { algorithm, createdAt: clock(), activeFrom: signsFrom.getTime() };
  const key = await generateSigningKey(secrets, values);
  await store.add(key);
  record(deps, keys, { kid: key.kid, signsFrom, by });
  return key.kid;
}

function record(
  { audit }: KeyDeps,
  keys: readonly KeyStatus[],
  facts: { kid: string; signsFrom: Date; by: KeyActor },
): void {
  audit({ event: "key.rotated", predecessor: keys.find(({ state }) => state === "signing")?.kid, ...facts });
}

function underWay({ kid, activationTime }: KeyStatus): LatchkeyError {
  return new LatchkeyError("CONFLICT", {
    message: `A rotation is under way: ${kid} signs from ${activationTime.toISOString()} on.`,
  });
}
