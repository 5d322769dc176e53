import { randomBytes } from "node:crypto";
import { systemClock, type Clock } from "../lib/clock.js";
import { createHashQueue } from "./hash-queue.js";
import type { HashSettings, PasswordVerification } from "./hash-tasks.js";
import { isBcryptCost, isPepperId } from "./stored-hash.js";
import { createWorkerPool, type WorkerPool } from "./worker-pool.js";

export interface PasswordHasherOptions {
  scheme: "bcrypt" | "argon2id";
  /** 4 to 15; the settings allow no less than 10. */
  bcryptCost: number;
  /** The most threads that hash; all but one start when they are needed. */
  workers: number;
  /** How many calls may wait for a thread. */
  queueLimit: number;
  /** Milliseconds one call may wait for a thread. */
  waitLimitMs: number;
  /** At least one; the first makes new hashes, the others verify those of earlier secrets. */
  peppers: readonly { id: string; key: Buffer }[];
  clock?: Clock;
}

/** Every call but `ready` and `close` may be refused with SERVICE_UNAVAILABLE and a `retryAfter`. */
export interface PasswordHasher {
  /** The string to store for a password. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the stored one; `rehash` is the string to store instead when that is out of
   * date (scheme, cost, pepper, made elsewhere). A null `stored`, for an unknown user, costs the same work.
   */
  verify(password: string, stored: string | null): Promise<PasswordVerification>;
  /** How hard a password is to guess, 0 to 4, knowing the user's own names. */
  estimateStrength(password: string, userInputs: readonly string[]): Promise<number>;
  /** Resolves when a thread has hashed; rejects when it cannot. */
  ready(): Promise<void>;
  /** Refuses new work, finishes what was taken, ends the threads. */
  close(): Promise<void>;
  /** The calls that hash now and those that wait. */
  stats(): { running: number; waiting: number };
}

const HASH_HEAP_MIB = 48;
const HASH_IDLE_MS = 60_000;
const STRENGTH_HEAP_MIB = 96;
const STRENGTH_IDLE_MS = 60_000;
/** Far beyond the dearest hash that is run: only a thread that is lost takes so long. */
const DEADLINE_MS = 60_000;

/**
 * Hashes and verifies passwords in worker threads, behind a bounded waiting list, so that neither one
 * password nor a storm of them ever holds up the event loop.
 *
 * @throws RangeError for a cost or pepper that could not be verified again.
 */
export function createPasswordHasher(options: PasswordHasherOptions): PasswordHasher {
  const { workers, queueLimit, waitLimitMs, clock = systemClock } = options;
  const hashPool = createHashPool(readHashSettings(options), workers);
  const strengthPool = createStrengthPool();
  const hashQueue = createHashQueue({ workers, limit: queueLimit, waitLimitMs, clock });
  const strengthQueue = createHashQueue({ workers: 1, limit: queueLimit, waitLimitMs, clock });
  const dummy = makeDummy(hashPool);
  // Whoever waits for it sees the failure; a start that waits for nobody must not end the process.
  dummy.catch(() => undefined);

  return {
    hash: (password) => hashQueue.run(() => hashPool.run("hash", password)),
    verify: (password, stored) =>
      hashQueue.run(async () => hashPool.run("verify", { password, stored, dummy: await dummy })),
    estimateStrength: (password, userInputs) =>
      strengthQueue.run(() => strengthPool.run("estimate", { password, userInputs })),
    ready: async () => {
      await dummy;
    },
    close: async () => {
      await Promise.all([hashQueue.close(), strengthQueue.close(), dummy.catch(() => undefined)]);
      await Promise.all([hashPool.destroy(), strengthPool.destroy()]);
    },
    stats: () => hashQueue.stats(),
  };
}

function readHashSettings({ scheme, bcryptCost, peppers }: PasswordHasherOptions): HashSettings {
  if (!isBcryptCost(bcryptCost)) throw new RangeError("the bcrypt cost must be 4 to 15");
  if (peppers.length === 0 || !peppers.every(({ id }) => isPepperId(id))) {
    throw new RangeError("at least one pepper is needed, each with an id of letters, digits, _ and -");
  }
  return { scheme, bcryptCost, peppers: peppers.map(({ id, key }) => ({ id, key: new Uint8Array(key) })) };
}

function createHashPool(settings: HashSettings, workers: number): WorkerPool {
  return createWorkerPool({
    file: new URL("./hash-worker.js", import.meta.url),
    name: "verify",
    threads: { min: 1, max: workers },
    idleTimeoutMs: HASH_IDLE_MS,
    heapMib: HASH_HEAP_MIB,
    deadlineMs: DEADLINE_MS,
    workerData: settings,
  });
}

/**
 * One thread that starts with the first password to judge and ends when idle: the dictionaries would cost
 * every hashing thread 17 MiB for good, and are needed only while people register.
 */
function createStrengthPool(): WorkerPool {
  return createWorkerPool({
    file: new URL("./strength-worker.js", import.meta.url),
    name: "estimate",
    threads: { min: 0, max: 1 },
    idleTimeoutMs: STRENGTH_IDLE_MS,
    heapMib: STRENGTH_HEAP_MIB,
    deadlineMs: DEADLINE_MS,
  });
}

/**
 * The hash of a random password, which an unknown user is compared with. Made by the same code as real ones, so its
 * work is theirs; and it warms the one thread that is always there.
 */
function makeDummy(pool: WorkerPool): Promise<string> {
  return pool.run("hash", randomBytes(24).toString("base64"));
}
