/** The one source of the time: milliseconds since 1970-01-01T00:00:00Z. */
export type Clock = () => number;

/** The machine's clock. */
export const systemClock: Clock = () => Date.now();

/** Milliseconds that only rise and that nobody sets, from a start that means nothing: for how long ago something was. */
export const monotonicClock: Clock = () => performance.now();
