/** The one source of the time. The verifier package has the same one. */
export { monotonicClock, systemClock, type Clock } from "#wire/clock.js";
