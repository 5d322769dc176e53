/** A source of the time, in milliseconds since 1970-01-01T00:00:00Z. */
export type Clock = () => number;

/** The clock of the machine. */
export const systemClock: Clock = () => Date.now();

/** Monotonic clock in milliseconds with an arbitrary origin. Use it for durations, never as a timestamp. */
export const monotonicClock: Clock = () => performance.now();
