/** Random choices that a seed repeats. */
export interface Dice {
  /** An integer from 0, below `bound`. */
  below(bound: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
  /** Picks a row by the weight in its first column. */
  weighted<T extends readonly [number, ...unknown[]]>(rows: readonly T[]): T;
}

export function dice(seed: number): Dice {
  let state = seed | 0;
  /** mulberry32 */
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (values) => values[below(values.length)],
    weighted: (rows) => {
      let left = below(rows.reduce((sum, [weight]) => sum + weight, 0));
      const index = rows.findIndex(([weight]) => (left -= weight) < 0);
      return rows[index];
    },
  };
}
