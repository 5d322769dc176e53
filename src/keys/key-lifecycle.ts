import { ROTATE_NOW_AHEAD_MS } from "../config/timing.js";
import type { SigningAlgorithm } from "../config/config.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { Clock } from "../lib/clock.js";
import { keyStatuses, type KeyStatus } from "./key-statuses.js";
import type { Secrets } from "./secrets.js";
import type { SigningKeyStore } from "./signing-key-store.js";
import { generateSigningKey } from "./signing-key.js";

/** What happened to a key, for the audit trail. */
export type KeyRecord = {
  event: "key.rotated" | "key.retired" | "key.dropped" | "key.removed";
  kid: string;
  by: KeyActor;
  /** The key that signs in its place, or signed before it. */
  successor?: string;
  predecessor?: string;
  signsFrom?: Date;
};

/** Who did it: an operator, or a node by itself. */
export type KeyActor = "cli" | "schedule";

/** What the functions that change keys work with. */
export interface KeyDeps {
  store: SigningKeyStore;
  secrets: Secrets;
  /** Of new keys. */
  algorithm: SigningAlgorithm;
  clock: Clock;
  audit: (record: KeyRecord) => void;
  /** Runs work while no other node, or command, changes keys. */
  exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  /** How long verifiers may go on using a key set that they have fetched. */
  publishAheadMs: number;
}

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
