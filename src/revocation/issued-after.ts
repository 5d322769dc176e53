/**
 * When a JWT is said to be issued: now, or the first whole second that is not before any of these
 * boundaries. What the feed refuses by its time of issue is compared with `iat`, which counts in whole
 * seconds: without this, a token made in the very second of a change would be refused with those before it.
 *
 * @param now milliseconds.
 * @returns milliseconds.
 */
export function issuedAfter(now: number, ...boundaries: (Date | null)[]): number {
  const seconds = boundaries.map((boundary) => Math.ceil((boundary?.getTime() ?? 0) / 1_000) * 1_000);
  return Math.max(now, ...seconds);
}

/**
 * When a new token is made: now, or when the account was last ended on all devices, where that lies ahead because a
 * clock was set back since. What is older than that is refused, and the new token is younger.
 *
 * @param now milliseconds.
 * @returns milliseconds.
 */
export const notBefore = (now: number, boundary: Date | null): number =>
  Math.max(now, boundary?.getTime() ?? 0);
