import { availableParallelism, totalmem } from "node:os";
import { readCgroupLimits, type CgroupLimits } from "../lib/cgroup.js";

/** What this process may use of the machine. */
export interface Machine {
  /** Processors' worth of CPU time; a quota may leave a fraction. */
  cpus: number;
  memoryBytes: number;
}

/** What the system says of the machine, apart from control groups. */
export interface Hardware {
  cpus: number;
  memoryBytes: number;
  /** What Node knows of a limit of this process: 0, or more than there is, when there is none. */
  constrainedBytes: number;
}

const MIB = 2 ** 20;
/** More threads than these are asked for by PASSWORD_WORKERS: a gateway has other work than hashing. */
const MOST = 8;
/** For the process without its hashing threads: 140 MiB after the start, some 165 once people have registered. */
const BASE_BYTES = 256 * MIB;
/** For a hashing thread, at its worst: its heap limit of 48 MiB and the thread itself. It usually takes 10 MiB. */
const THREAD_BYTES = 64 * MIB;

/** The machine as this process may use it. */
export function readMachine(
  { cpus, memoryBytes, constrainedBytes }: Hardware = readHardware(),
  limits: CgroupLimits = readCgroupLimits(),
): Machine {
  const constrained = constrainedBytes > 0 ? constrainedBytes : Infinity;
  return {
    cpus: Math.min(cpus, limits.cpus ?? Infinity),
    memoryBytes: Math.min(memoryBytes, constrained, limits.memoryBytes ?? Infinity),
  };
}

function readHardware(): Hardware {
  return {
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    constrainedBytes: process.constrainedMemory(),
  };
}

/**
 * How many threads may hash passwords, unless it is set: one for each whole processor, as far as the memory reaches,
 * and at least one. A fraction of a processor is left to the event loop: where the CPU time of the container is used
 * up, the kernel holds up all of its threads, those that answer requests too.
 */
export function defaultWorkers({ cpus, memoryBytes }: Machine): number {
  const byMemory = (memoryBytes - BASE_BYTES) / THREAD_BYTES;
  return Math.max(Math.floor(Math.min(cpus, byMemory, MOST)), 1);
}
