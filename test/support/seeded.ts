/** A whole number below `bound`. */
export type Random = (bound: number) => number;

/** Numbers that look random and are the same in every run (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

export const randomOf = <T>(random: Random, values: readonly T[]): T => values[random(values.length)]!;

/** True once in so many times. */
export const oneIn = (random: Random, times: number): boolean => random(times) === 0;
