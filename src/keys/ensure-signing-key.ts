import { generateSigningKey } from "./generate-signing-key.js";
import type { KeyDeps } from "./key-deps.js";

/**
 * Makes a key when the store has none that can be used. It signs at once: nobody has a key set to be out of
 * date. The caller holds a lease that keeps other nodes from doing the same.
 *
 * @returns whether a key was made.
 */
export async function ensureSigningKey(
  deps: Pick<KeyDeps, "store" | "secrets" | "algorithm" | "clock">,
): Promise<boolean> {
  const { store, secrets, algorithm, clock } = deps;
  if ((await store.list()).some(({ dropTime }) => dropTime === null)) return false;
  const now = clock();
  await store.add(await generateSigningKey(secrets, { algorithm, createdAt: now, activeFrom: now }));
  return true;
}
