import type { Clock } from "#wire/clock.js";
import { readBodyText, type GatewayClient } from "./gateway-client.js";
import { GatewayError } from "./gateway-error.js";
import { retryDelay, createPause } from "./pause.js";
import { readVerificationKey, type VerificationKey } from "./verification-key.js";

/** The issuer's published keys, in memory. A look-up makes no request. */
export interface KeySet {
  get(kid: string): VerificationKey | undefined;
  /**
   * Reads the keys again in the background, unless the last read began less than `moment` ago.
   *
   * @param moment milliseconds; by default a sixth of the interval.
   */
  requestRefresh(moment?: number): void;
  /** Whether there are keys, and whether the last read is recent enough at `now`, by the monotonic clock. */
  freshness(now: number): "none" | "stale" | "fresh";
  size(): number;
  /** The number of requests for the keys. */
  requests(): number;
  /** Reads the keys now and at every interval. Resolves after the first successful read, or at `close`. */
  start(): Promise<void>;
  close(): void;
}

export interface KeySetDeps {
  gateway: GatewayClient;
  monotonic: Clock;
  /** Milliseconds between two reads. */
  interval: number;
  onRead(): void;
  /** Called for each failure. */
  onProblem(problem: unknown): void;
}

const PATH = "/.well-known/jwks.json";
/** A cache in between must not return a key that the issuer has withdrawn. */
const NO_CACHE = { "cache-control": "no-cache" };
const DEADLINE_MS = 5_000;
const MAX_BYTES = 256 * 1024;
const MAX_KEYS = 64;
const LONGEST_BACKOFF_MS = 2_000;
/** The part of the interval after which an unknown key may cause another read. */
const WANTED_AFTER = 1 / 6;
/** The number of intervals without success after which the keys are stale. */
const STALE_AFTER = 5;

/** @throws GatewayError when the body is not a JWKS. */
function readKeys(body: string): VerificationKey[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new GatewayError(`${PATH}: the answer is not JSON`);
  }
  const keys = (value as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(keys) || keys.length > MAX_KEYS)
    throw new GatewayError(`${PATH}: the answer is not a key set`);
  return keys.map(readVerificationKey).filter((key) => key !== undefined);
}

/** Returns the new set. An unchanged key stays the same object, so that cached tokens of it stay valid. */
function renew(
  known: ReadonlyMap<string, VerificationKey>,
  found: readonly VerificationKey[],
): Map<string, VerificationKey> {
  const renewed = new Map<string, VerificationKey>();
  for (const key of found) {
    const before = known.get(key.kid);
    renewed.set(key.kid, before?.material === key.material ? before : key);
  }
  for (const [kid, key] of known) key.live = renewed.get(kid) === key;
  return renewed;
}

/** Creates an empty key set. `start` fills it. */
export function createKeySet({ gateway, monotonic, interval, onRead, onProblem }: KeySetDeps): KeySet {
  const pause = createPause();
  let keys = new Map<string, VerificationKey>();
  let etag: string | null = null;
  let [readAt, askedAt, requests] = [-Infinity, -Infinity, 0];

  async function refresh(): Promise<void> {
    [askedAt, requests] = [monotonic(), requests + 1];
    const headers = { ...NO_CACHE, ...(etag === null ? {} : { "if-none-match": etag }) };
    const request = { path: PATH, headers, deadline: DEADLINE_MS, statuses: [200, 304] };
    await gateway.exchange(request, async (response) => {
      if (response.statusCode === 304) return;
      keys = renew(keys, readKeys(await readBodyText(response, MAX_BYTES)));
      etag = response.headers.etag ?? null;
    });
    readAt = askedAt;
  }

  async function run(first: () => void): Promise<void> {
    for (let failures = 0; !pause.ended();) {
      try {
        await refresh();
        failures = 0;
        onRead();
        first();
      } catch (error) {
        failures += 1;
        if (!pause.ended()) onProblem(error);
      }
      await pause.wait(failures > 0 ? retryDelay(failures, LONGEST_BACKOFF_MS) : interval);
    }
    first();
  }

  return {
    get: (kid) => keys.get(kid),
    requestRefresh(moment = interval * WANTED_AFTER) {
      if (monotonic() - askedAt >= moment) pause.wake();
    },
    freshness(now) {
      if (pause.ended() || keys.size === 0) return "none";
      return now - readAt <= interval * STALE_AFTER ? "fresh" : "stale";
    },
    size: () => keys.size,
    requests: () => requests,
    start: () => new Promise<void>((resolve) => void run(resolve)),
    close() {
      keys = renew(keys, []);
      pause.end();
    },
  };
}
