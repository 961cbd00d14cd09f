import { expect, test } from 'vitest';
import { durationToMs, sizeToBytes, toRange } from '#text/units.ts';

test.each([
  [6, 6000],
  ['6', 6000],
  ['6s', 6000],
  ['500ms', 500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['30d', 2_592_000_000],
  [0, 0],
  ['0', 0],
  ['6 s', Number.NaN],
  ['6w', Number.NaN],
  ['-6', Number.NaN],
  ['6constructor', Number.NaN],
])('the duration %j is %d ms', (given, want) => {
  expect(durationToMs(given)).toBe(want);
});

test.each([
  [1024, 1024],
  ['64B', 64],
  ['64KiB', 65_536],
  ['256MiB', 268_435_456],
  ['1GiB', 1_073_741_824],
  ['1GB', Number.NaN],
])('the size %j is %d bytes', (given, want) => {
  expect(sizeToBytes(given)).toBe(want);
});

test.each([
  [100, 100, 100],
  ['100', 100, 100],
  ['0-499', 0, 499],
  ['1000-', 1000, Number.POSITIVE_INFINITY],
])('the range %j is from %d to %d', (given, min, max) => {
  expect(toRange(given)).toEqual({ min, max });
});
