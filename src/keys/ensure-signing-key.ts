import type { SigningAlgorithm } from "../config/config.js";
import type { Clock } from "../lib/clock.js";
import { generateSigningKey } from "./generate-signing-key.js";
import type { SigningKeyStore } from "./key-ring.js";
import type { Secrets } from "./secrets.js";

/**
 * Makes a key of the configured algorithm when the store has none. The caller holds a lease that keeps
 * other nodes from doing the same, and loads the key ring afterwards.
 *
 * The very first key signs at once: nobody has a key set to be out of date. One that is made because the
 * algorithm was changed is published first, and the earlier keys go on signing for that long.
 *
 * @param deps.publishAheadMs how long verifiers may go on using a key set they have fetched.
 * @returns whether a key was made.
 */
export async function ensureSigningKey(deps: {
  store: SigningKeyStore;
  secrets: Secrets;
  algorithm: SigningAlgorithm;
  clock: Clock;
  publishAheadMs: number;
}): Promise<boolean> {
  const { store, secrets, algorithm, clock, publishAheadMs } = deps;
  const stored = await store.list();
  if (stored.some((key) => key.algorithm === algorithm)) return false;
  const createdAt = clock();
  const activeFrom = stored.length === 0 ? createdAt : createdAt + publishAheadMs;
  await store.add(await generateSigningKey(secrets, { algorithm, createdAt, activeFrom }));
  return true;
}
