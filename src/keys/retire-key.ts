import { LatchkeyError } from "../errors/latchkey-error.js";
import type { KeyActor, KeyDeps } from "./key-deps.js";
import type { KeyStatus } from "./key-statuses.js";
import { findKey } from "./list-keys.js";

/**
 * The normal end of a key: it does not sign, and what it signed stays good. A key that is retired already
 * stays as it is; one that has not signed yet is called off.
 *
 * @returns how the key stands afterwards.
 * @throws NOT_FOUND; CONFLICT for the key that signs: a rotation retires it.
 */
export function retireKey(deps: KeyDeps, kid: string, by: KeyActor): Promise<KeyStatus> {
  return deps.exclusively(async () => {
    const { state } = await findKey(deps, kid);
    if (state === "signing") throw stillSigns();
    if (state === "upcoming") {
      // It has signed nothing: nobody misses it.
      await deps.store.drop(kid, new Date(deps.clock()), null);
      deps.audit({ event: "key.retired", kid, by });
    }
    return findKey(deps, kid);
  });
}

function stillSigns(): LatchkeyError {
  return new LatchkeyError("CONFLICT", {
    message:
      "This key signs. `latchkey keys rotate` publishes the next one, and this one retires by itself when that signs.",
  });
}
