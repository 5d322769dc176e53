import { generateSigningKey } from "./generate-signing-key.js";
import type { KeyActor, KeyDeps } from "./key-deps.js";
import type { KeyStatus } from "./key-statuses.js";
import { findKey, listKeys } from "./list-keys.js";

/**
 * The end of a compromised key, at once: every node unpublishes it and refuses what it signed. When it is the
 * one that signs, the key that is being published takes over in the same moment, or else a new one. An
 * earlier key never signs again.
 *
 * @returns how the key stands afterwards, and the key that took over.
 * @throws NOT_FOUND
 */
export function dropKey(
  deps: KeyDeps,
  kid: string,
  by: KeyActor,
): Promise<{ key: KeyStatus; successor: KeyStatus | null }> {
  return deps.exclusively(async () => {
    const key = await findKey(deps, kid);
    if (key.state === "dropped") return { key, successor: null };
    const now = deps.clock();
    const next = key.state === "signing" ? await successorOf(deps, now) : null;
    await deps.store.drop(kid, new Date(now), next);
    const successor = typeof next === "string" ? next : next?.kid;
    deps.audit({ event: "key.dropped", kid, successor, by });
    return {
      key: await findKey(deps, kid),
      successor: successor === undefined ? null : await findKey(deps, successor),
    };
  });
}

/** The kid of the key that comes next, or a key that is not stored yet. */
async function successorOf(deps: KeyDeps, now: number) {
  const next = (await listKeys(deps)).findLast(({ state }) => state === "upcoming");
  if (next) return next.kid;
  return generateSigningKey(deps.secrets, { algorithm: deps.algorithm, createdAt: now, activeFrom: now });
}
