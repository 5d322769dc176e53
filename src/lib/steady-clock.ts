import { monotonicClock, systemClock, type Clock } from "./clock.js";

/** The two clocks of a machine: one that is set, and one that nobody sets. */
export interface MachineClocks {
  wall: Clock;
  monotonic: Clock;
}

/** Follows the clock of this machine beside one that nobody sets, which tells when it was set. */
export interface SteadyClock {
  /** The wall clock as it would be, had it never been set back since the start. Never behind the wall clock. */
  now: Clock;
  /** Looks whether the wall clock was set since the last look. */
  look(): void;
}

/** Milliseconds: what is less may be drift, or a process that waited between its two readings. */
const LEAST_STEP_MS = 1_000;
/** Milliseconds between two readings that belong together. */
const MOST_BETWEEN_MS = 100;

/**
 * Makes a clock that does not go back.
 *
 * @param onStep told by how many milliseconds the wall clock was set: less than 0 is back.
 */
export function createSteadyClock(
  onStep: (milliseconds: number) => void,
  { wall, monotonic }: MachineClocks = { wall: systemClock, monotonic: monotonicClock },
): SteadyClock {
  let offset = wall() - monotonic();
  let highest = offset;

  function now(): number {
    const time = wall();
    // In this order: a process that has to wait in between takes the offset for too small, never for too large.
    const elapsed = monotonic();
    highest = Math.max(highest, time - elapsed);
    return highest + elapsed;
  }

  function look(): void {
    const before = monotonic();
    const current = wall() - before;
    now();
    if (monotonic() - before > MOST_BETWEEN_MS) return;
    const step = current - offset;
    offset = current;
    if (Math.abs(step) >= LEAST_STEP_MS) onStep(Math.round(step));
  }

  return { now, look };
}
