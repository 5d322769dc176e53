import { createHash, type JsonWebKey, type KeyObject } from "node:crypto";
import type { SigningAlgorithm } from "../config/config.js";
import { KEY_FRESH_MS } from "../config/timing.js";
import type { SigningKey } from "../entities/signing-key.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { Clock } from "../lib/clock.js";
import { NEVER, newestFirst, signingIndex } from "./key-statuses.js";
import { openSigningKey, type OpenedKey } from "./signing-key.js";
import type { Secrets } from "./secrets.js";
import type { SigningKeyStore } from "./signing-key-store.js";

/** What is written ahead of the tokens' end, so that one write a day serves all that are signed. */
const AHEAD_MS = 24 * 3_600_000;

export interface KeyRingLog {
  error(fields: object, message: string): void;
}

export type Signer = Pick<OpenedKey, "kid" | "algorithm" | "privateKey">;

/** The keys of this moment, in memory. Looking one up costs nothing and reaches for nothing. */
export interface KeyRing {
  /**
   * Reads the store again; on failure the keys of the last load stay in use. Keys sealed under an earlier
   * secret are sealed anew. A key that cannot be opened is logged and left out, if there is another one.
   *
   * @throws LatchkeyError `INTERNAL_SERVER_ERROR` when the store has keys and none can be opened.
   */
  load(): Promise<void>;
  /** Loads unless that was done within the last second. @throws what `load` and the store throw. */
  keepFresh(): Promise<void>;
  /** Whether there is a key to sign with. */
  canSign(): boolean;
  /** The key to sign with now. @throws LatchkeyError `INTERNAL_SERVER_ERROR` when there is none. */
  current(): Signer;
  /**
   * The key to sign with a token that outlives the key's own time; the store has been told so when this
   * resolves, and keeps the key for as long.
   *
   * @param end of the token, in milliseconds; null when it does not end by itself.
   */
  currentUntil(end: number | null): Promise<Signer>;
  publicKey(kid: string): { algorithm: SigningAlgorithm; key: KeyObject } | undefined;
  jwks(): { keys: JsonWebKey[] };
  /** The key set as it goes out, with a strong entity tag. Equal on every node that has the same keys. */
  jwksDocument(): { body: string; etag: string };
}

interface KeyRingDeps {
  store: Pick<SigningKeyStore, "list" | "keepUntil" | "replacePrivateKey">;
  secrets: Secrets;
  clock: Clock;
  log?: KeyRingLog;
}

interface RingKey extends OpenedKey {
  activationTime: Date;
  /** Milliseconds: until when the store keeps it, as far as this node knows. */
  keptUntil: number;
}

/** What one load makes; replaced as a whole. */
interface Loaded {
  /** What the store answered: equal rows make equal keys. */
  text: string;
  /** Newest first. */
  keys: RingKey[];
  byKid: Map<string, RingKey>;
  publicKeys: Map<string, { algorithm: SigningAlgorithm; key: KeyObject }>;
  jwks: { keys: JsonWebKey[] };
  document: { body: string; etag: string };
}

function prepare(text: string, opened: readonly RingKey[]): Loaded {
  const keys = newestFirst(opened);
  const jwks = { keys: keys.map((key) => key.jwk) };
  const body = JSON.stringify(jwks);
  return {
    text,
    keys,
    byKid: new Map(keys.map((key) => [key.kid, key])),
    publicKeys: new Map(keys.map(({ kid, algorithm, publicKey }) => [kid, { algorithm, key: publicKey }])),
    jwks,
    document: { body, etag: `"${createHash("sha256").update(body).digest("base64url")}"` },
  };
}

/**
 * Opens what can be opened: one bad row must neither stop the node nor keep a dropped key alive in it. A key
 * that was opened before is the same one, for its kid is its thumbprint: so a node whose secret is an
 * earlier one goes on when another has sealed the keys anew.
 */
function openAll(
  rows: readonly SigningKey[],
  known: ReadonlyMap<string, OpenedKey>,
  { secrets, log }: KeyRingDeps,
): RingKey[] {
  const opened: RingKey[] = [];
  const failures: { kid: string; err: Error }[] = [];
  for (const row of rows) {
    try {
      const key = known.get(row.kid) ?? openSigningKey(row, secrets);
      opened.push({ ...key, activationTime: row.activationTime, keptUntil: row.tokensUntil.getTime() });
    } catch (error) {
      failures.push({ kid: row.kid, err: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  // Whoever asked for the load tells of it then: an operator with a wrong secret is told once, and plainly.
  if (opened.length === 0 && failures[0]) throw failures[0].err;
  for (const failure of failures) log?.error(failure, "a signing key cannot be opened and is left out");
  return opened;
}

/** A key that could not be stored anew is tried again at the next start; until then the earlier secret opens it. */
async function storeResealed(
  rows: readonly SigningKey[],
  opened: readonly RingKey[],
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
  let loaded = prepare("", []);
  let begun = 0;
  let latest = 0;
  let freshAt = -Infinity;

  async function load(): Promise<void> {
    const turn = ++begun;
    const startedAt = deps.clock();
    const all = await deps.store.list();
    // A load that began later was quicker, and knows better.
    if (turn < latest) return;
    const text = JSON.stringify(all);
    let fresh: RingKey[] = [];
    if (text !== loaded.text) {
      const known = loaded.byKid;
      const opened = openAll(
        all.filter(({ dropTime }) => dropTime === null),
        known,
        deps,
      );
      fresh = opened.filter(({ kid }) => !known.has(kid));
      loaded = prepare(text, opened);
    }
    latest = turn;
    freshAt = startedAt;
    await storeResealed(all, fresh, deps);
  }

  function current(): RingKey {
    const key = loaded.keys[signingIndex(loaded.keys, deps.clock())];
    if (key) return key;
    throw new LatchkeyError("INTERNAL_SERVER_ERROR", { detail: "There is no signing key." });
  }

  return {
    load,
    async keepFresh() {
      // The difference counts in both directions: a clock that was set back makes nothing young.
      if (Math.abs(deps.clock() - freshAt) >= KEY_FRESH_MS) await load();
    },
    canSign: () => loaded.keys.length > 0,
    current,
    async currentUntil(end) {
      const key = current();
      if ((end ?? NEVER) > key.keptUntil) {
        const until = Math.min((end ?? NEVER) + AHEAD_MS, NEVER);
        await deps.store.keepUntil(key.kid, new Date(until));
        key.keptUntil = until;
      }
      return key;
    },
    publicKey: (kid) => loaded.publicKeys.get(kid),
    jwks: () => loaded.jwks,
    jwksDocument: () => loaded.document,
  };
}
