import { expect, test } from 'vitest';
import { IdleHold } from '#session/idle-hold.ts';

test('doubles up to the maximum and stays there', () => {
  const idleHold = new IdleHold();
  const waits = Array.from({ length: 100 }, () => idleHold.nextMs(5_000, 60_000));
  expect(waits.slice(0, 6)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  expect(new Set(waits.slice(4))).toEqual(new Set([60_000]));
});

test('an initial wait above the maximum stays unchanged', () => {
  const idleHold = new IdleHold();
  expect([idleHold.nextMs(90_000, 60_000), idleHold.nextMs(90_000, 60_000)]).toEqual([
    90_000, 90_000,
  ]);
});
