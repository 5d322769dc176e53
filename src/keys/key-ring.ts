import { createHash } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import type { SigningAlgorithm } from "../config/config.js";
import type { SigningKey } from "../entities/signing-key.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { Clock } from "../lib/clock.js";
import { openSigningKey } from "./open-signing-key.js";
import type { OpenedKey } from "./open-signing-key.js";
import type { Secrets } from "./secrets.js";

/** The storage that signing keys need. */
export interface SigningKeyStore {
  list(): Promise<SigningKey[]>;
  add(key: SigningKey): Promise<void>;
  /** Compare and swap of the sealed private half; does nothing when it is no longer `from`. */
  replacePrivateKey(kid: string, from: string, to: string): Promise<void>;
}

export interface KeyRingLog {
  error(fields: object, message: string): void;
}

/** The keys of this moment, in memory. Looking one up costs nothing and reaches for nothing. */
export interface KeyRing {
  /**
   * Reads the store again; on failure the keys of the last load stay in use. Keys sealed under an earlier
   * secret are sealed anew. A key that cannot be opened is logged and left out.
   *
   * @throws LatchkeyError `INTERNAL_SERVER_ERROR` when the store has keys and none can be opened.
   */
  load(): Promise<void>;
  /** Whether a key is active. */
  canSign(): boolean;
  /**
   * The key to sign with now: the newest active one of the configured algorithm, or of another one while
   * the first of the configured algorithm is still being published.
   *
   * @throws LatchkeyError `INTERNAL_SERVER_ERROR` when none is active.
   */
  current(): { kid: string; algorithm: SigningAlgorithm; privateKey: KeyObject };
  publicKey(kid: string): { algorithm: SigningAlgorithm; key: KeyObject } | undefined;
  jwks(): { keys: JsonWebKey[] };
  /** The key set as it goes out, with a strong entity tag. Equal on every node that has the same keys. */
  jwksDocument(): { body: string; etag: string };
}

interface KeyRingDeps {
  store: SigningKeyStore;
  secrets: Secrets;
  algorithm: SigningAlgorithm;
  clock: Clock;
  log?: KeyRingLog;
}

/** What one load makes; replaced as a whole. */
interface Loaded {
  /** In the order of preference for signing. */
  opened: OpenedKey[];
  publicKeys: Map<string, { algorithm: SigningAlgorithm; key: KeyObject }>;
  jwks: { keys: JsonWebKey[] };
  document: { body: string; etag: string };
}

function prepare(keys: readonly OpenedKey[], preferred: SigningAlgorithm): Loaded {
  const newestFirst = keys.toSorted((a, b) => b.activeFrom - a.activeFrom || (a.kid < b.kid ? -1 : 1));
  const jwks = { keys: newestFirst.map((key) => key.jwk) };
  const body = JSON.stringify(jwks);
  return {
    opened: newestFirst.toSorted(
      (a, b) => Number(b.algorithm === preferred) - Number(a.algorithm === preferred),
    ),
    publicKeys: new Map(keys.map(({ kid, algorithm, publicKey }) => [kid, { algorithm, key: publicKey }])),
    jwks,
    document: { body, etag: `"${createHash("sha256").update(body).digest("base64url")}"` },
  };
}

/** Opens what can be opened: one bad row must neither stop the node nor keep a retired key alive in it. */
function openAll(rows: readonly SigningKey[], { secrets, log }: KeyRingDeps): OpenedKey[] {
  const opened: OpenedKey[] = [];
  let failure: Error | undefined;
  for (const row of rows) {
    try {
      opened.push(openSigningKey(row, secrets));
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error));
      log?.error({ kid: row.kid, err: error }, "a signing key cannot be opened and is left out");
    }
  }
  if (opened.length === 0 && failure) throw failure;
  return opened;
}

/** A key that could not be stored anew is tried again at the next load; until then the earlier secret opens it. */
async function storeResealed(
  rows: readonly SigningKey[],
  opened: readonly OpenedKey[],
  { store, log }: KeyRingDeps,
): Promise<void> {
  const sealed = new Map(rows.map((row) => [row.kid, row.privateKey]));
  for (const { kid, resealed } of opened) {
    const from = sealed.get(kid);
    if (resealed === null || from === undefined) continue;
    try {
      await store.replacePrivateKey(kid, from, resealed);
    } catch (error) {
      log?.error({ kid, err: error }, "a signing key could not be sealed under the current secret");
    }
  }
}

/** Makes an empty key ring; `load` fills it. */
export function createKeyRing(deps: KeyRingDeps): KeyRing {
  let loaded = prepare([], deps.algorithm);
  const active = () => {
    const now = deps.clock();
    return loaded.opened.find(({ activeFrom }) => activeFrom <= now);
  };
  return {
    async load() {
      const rows = await deps.store.list();
      const opened = openAll(rows, deps);
      loaded = prepare(opened, deps.algorithm);
      await storeResealed(rows, opened, deps);
    },
    canSign: () => active() !== undefined,
    current() {
      const key = active();
      if (key) return key;
      throw new LatchkeyError("INTERNAL_SERVER_ERROR", { detail: "No signing key is active." });
    },
    publicKey: (kid) => loaded.publicKeys.get(kid),
    jwks: () => loaded.jwks,
    jwksDocument: () => loaded.document,
  };
}
