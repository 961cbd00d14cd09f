import { expect, test } from 'vitest';
import { Figures, Series } from './figures.ts';
import { scenarios } from './scenarios.ts';

test.each(scenarios)('$claim (a short run of $name)', async ({ run, quickSize }) => {
  const figures = new Figures({ judgesTime: false });
  await run(quickSize, figures);
  expect(figures.faults).toEqual([]);
});

test('a series is judged by its last two thirds', () => {
  const level = new Series();
  for (const value of [1, 50, 90, 100, 100, 100, 100, 100, 100]) level.add(value);
  expect(level.slope).toBe(0);
  expect(level.lateToEarly).toBe(1);
  const rising = new Series();
  for (let at = 0; at < 9; at++) rising.add(100 + at);
  expect(rising.slope).toBeCloseTo(1);
  expect(rising.lateToEarly).toBeGreaterThan(1.02);
});
