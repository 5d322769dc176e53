import { platform } from "node:os";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { unavailable } from "../errors/latchkey-error.js";

export interface WorkerPoolOptions {
  /** The compiled worker module. */
  file: URL;
  /** The exported function that is loaded at start. */
  name: string;
  threads: { min: number; max: number };
  /** Milliseconds after which an idle thread above the minimum ends. */
  idleTimeoutMs: number;
  heapMib: number;
  /** Milliseconds after which a task is given up and its thread replaced. */
  deadlineMs: number;
  workerData?: object;
}

export interface WorkerPool {
  /** Runs one exported function of the worker file. Errors: SERVICE_UNAVAILABLE when its thread dies, throws or hangs. */
  run<T>(name: string, task: unknown): Promise<T>;
  /** Ends the threads, whatever they are doing. */
  destroy(): Promise<void>;
}

/** Requests go before hashes: on Linux niceness is a thread's own, elsewhere it would slow the whole process. */
const NICE_INCREMENT = platform() === "linux" ? 5 : 0;

/** Threads of one worker file. The pool replaces a thread that dies. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const pool = new Piscina({
    filename: fileURLToPath(options.file),
    name: options.name,
    minThreads: options.threads.min,
    maxThreads: options.threads.max,
    idleTimeout: options.idleTimeoutMs,
    niceIncrement: NICE_INCREMENT,
    recordTiming: false,
    // A worker needs neither the environment, with its secrets, nor our command line.
    env: {},
    argv: [],
    execArgv: [],
    workerData: options.workerData,
    resourceLimits: { maxOldGenerationSizeMb: options.heapMib, maxYoungGenerationSizeMb: 4 },
  });
  const open = new Set<AbortController>();
  // Emitted for a thread that dies without a task. The pool starts another with the next task, but a task
  // that was queued for this one would wait for ever when it was the last.
  pool.on("error", () => {
    if (pool.threads.length === 0) open.forEach((giveUp) => giveUp.abort());
  });
  return {
    run: async <T>(name: string, task: unknown) => {
      const giveUp = new AbortController();
      open.add(giveUp);
      const deadline = setTimeout(() => giveUp.abort(), options.deadlineMs);
      try {
        return (await pool.run(task, { name, signal: giveUp.signal })) as T;
      } catch (cause) {
        throw unavailable("a password worker failed", cause);
      } finally {
        clearTimeout(deadline);
        open.delete(giveUp);
      }
    },
    destroy: () => pool.destroy(),
  };
}
