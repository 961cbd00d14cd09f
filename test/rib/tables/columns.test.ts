import { describe, expect, test } from 'vitest';
import { Growth } from '#rib/tables/columns.ts';

/** Gives out ids up to this one; returns for each call of a step the id, its number and for how many rows it was. */
function growTo(last: number, rows: number): (readonly [number, number, number])[] {
  const calls: (readonly [number, number, number])[] = [];
  let id = 0;
  const steps = [0, 1, 2, 3].map((step) => (to: number) => void calls.push([id, step, to]));
  const growth = new Growth(rows, steps);
  for (let growAt = rows; id <= last; id++) {
    if (id < growAt) continue;
    growAt = growth.reach(id);
    expect(growAt).toBeGreaterThan(id);
  }
  return calls;
}

describe('the growth of a table', () => {
  test('is in one step after the other while the last 64th of its rows is filled', () => {
    const rows = 1 << 18;
    expect(growTo(rows - 1, 64).filter(([id]) => id > rows / 2)).toEqual([
      [rows - 4096, 0, rows * 2],
      [rows - 3072, 1, rows * 2],
      [rows - 2048, 2, rows * 2],
      [rows - 1024, 3, rows * 2],
    ]);
  });

  test('is at once for a small table, and at its end makes sure of every part', () => {
    expect(growTo(64, 64)).toEqual([0, 1, 2, 3].map((step) => [64, step, 128]));
    expect(growTo(1 << 17, 1 << 16).slice(-4)).toEqual(
      [0, 1, 2, 3].map((step) => [1 << 17, step, 1 << 18]),
    );
  });
});
