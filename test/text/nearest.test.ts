import { expect, test } from 'vitest';
import { nearest } from '#text/nearest.ts';

test.each([
  ['hold_tiem', ['hold_time', 'keepalive'], 'hold_time'],
  ['ANY', ['any', 'and'], 'any'],
  ['A', ['a', 'b'], 'a'],
  ['x', ['a', 'b'], undefined],
  ['', ['a'], undefined],
])('%j among %j means %j', (given, known, want) => {
  expect(nearest(given, known)).toBe(want);
});
