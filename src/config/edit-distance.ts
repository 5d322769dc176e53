/**
 * How many letters must be put in, left out, replaced or swapped with their neighbour to make one text of another:
 * Damerau's and Levenshtein's distance, in which no part is changed twice.
 */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i += 1) {
    const row = [i + 1];
    for (let j = 0; j < to.length; j += 1) {
      const replaced = (last[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
      const swapped = i > 0 && j > 0 && from[i] === to[j - 1] && from[i - 1] === to[j];
      const bySwap = swapped ? (beforeLast[j - 1] ?? 0) + 1 : Infinity;
      row.push(Math.min(replaced, bySwap, (last[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
    [beforeLast, last] = [last, row];
  }
  return last.at(-1) ?? 0;
}
