import { LatchkeyError } from "../errors/latchkey-error.js";
import type { KeyDeps } from "./key-deps.js";
import { keyStatuses, type KeyStatus } from "./key-statuses.js";

type ListDeps = Pick<KeyDeps, "store" | "clock">;

/** How every key stands now: the usable ones newest first, then the dropped ones. */
export async function listKeys({ store, clock }: ListDeps): Promise<KeyStatus[]> {
  return keyStatuses(await store.list(), clock());
}

/** How one key stands now. @throws NOT_FOUND */
export async function findKey(deps: ListDeps, kid: string): Promise<KeyStatus> {
  const key = (await listKeys(deps)).find((candidate) => candidate.kid === kid);
  if (!key) throw new LatchkeyError("NOT_FOUND", { message: "There is no such key." });
  return key;
}
