import type { KeyRing } from "./key-ring.js";
import { tendKeys } from "./tend-keys.js";
import type { TendDeps } from "./tend-keys.js";

/** Half of the time for which a node may not know that a key was dropped: one look may come late. */
const LOOK_EVERY_MS = 500;
const TEND_EVERY_MS = 10_000;

interface UpkeepDeps extends TendDeps {
  keys: Pick<KeyRing, "load">;
  log: Record<"info" | "warn", (fields: object, message: string) => void>;
}

/**
 * Keeps a node's keys as the store has them, and those in the store as they are meant to be. What fails is
 * tried again the next time.
 *
 * @returns what stops it, and waits for what is under way.
 */
export function startKeyUpkeep(deps: UpkeepDeps): () => Promise<void> {
  const { keys, log } = deps;
  let atStart = true;
  const tend = async () => {
    await tendKeys(deps, { atStart });
    atStart = false;
  };
  const stops = [
    repeat(
      LOOK_EVERY_MS,
      said("reading the signing keys", () => keys.load(), log),
    ),
    repeat(TEND_EVERY_MS, said("tending the signing keys", tend, log)),
  ];
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

/** Does it now and then again and again, but never twice at a time. */
function repeat(everyMs: number, work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  const start = () => {
    running ??= work().finally(() => {
      running = null;
    });
  };
  start();
  const timer = setInterval(start, everyMs).unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/** Says once that work has begun to fail, and that it does no longer: it is done too often for a line each time. */
function said(what: string, work: () => Promise<void>, log: UpkeepDeps["log"]): () => Promise<void> {
  let failing = false;
  return async () => {
    try {
      await work();
      if (failing) log.info({}, `${what} works again`);
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ err: error }, `${what} fails, and is tried again`);
      failing = true;
    }
  };
}
