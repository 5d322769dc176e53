import { ROLE_SETTLES_MS } from "../config/timing.js";

/** Milliseconds. A JWT counts in whole seconds. */
const SECOND = 1_000;

/**
 * The time of issue of a JWT: now, or the first whole second that is not before any of the boundaries.
 *
 * The feed refuses JWTs by their `iat`, which counts in whole seconds. Without the rounding, a token that is made in the
 * second of a change would be refused together with those made before the change.
 *
 * @param now milliseconds.
 * @returns milliseconds.
 */
export function issuedAfter(now: number, ...boundaries: (Date | null)[]): number {
  const seconds = boundaries.map((boundary) => Math.ceil((boundary?.getTime() ?? 0) / SECOND) * SECOND);
  return Math.max(now, ...seconds);
}

/**
 * The creation time of a new token: now, or `tokensValidFrom` of the account, if that lies in the future because a clock
 * was set back. Tokens that are older than that are refused.
 *
 * @param now milliseconds.
 * @returns milliseconds.
 */
export const notBefore = (now: number, boundary: Date | null): number =>
  Math.max(now, boundary?.getTime() ?? 0);

/**
 * The new `privilegesValidFrom` of an account whose role changes now: privilege tokens that were issued before it are
 * refused. It is a whole second, as `iat` is, and lies after the time that the change needs to reach every node.
 *
 * Tokens that were issued since the last change state `previous` as their time of issue. So the next boundary lies at
 * least a second later.
 */
export function rolesValidFrom(previous: Date | null, now: Date): Date {
  const settled = Math.ceil((now.getTime() + ROLE_SETTLES_MS) / SECOND) * SECOND;
  return new Date(Math.max(settled, (previous?.getTime() ?? 0) + SECOND));
}
