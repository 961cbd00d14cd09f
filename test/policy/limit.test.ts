import { describe, expect, test } from 'vitest';
import { admit, remaining } from '#policy/limit.ts';

describe('one more prefix under a limit of 10', () => {
  const rows = [
    { action: 'block', used: 9, want: 'admit' },
    { action: 'block', used: 10, want: 'block' },
    { action: 'block', used: 11, want: 'block' },
    { action: 'warning', used: 9, want: 'admit' },
    { action: 'warning', used: 10, want: 'warn' },
    { action: 'warning', used: 11, want: 'admit' },
    { action: 'restart', used: 9, want: 'admit' },
    { action: 'restart', used: 10, want: 'trip' },
    { action: 'shutdown', used: 9, want: 'admit' },
    { action: 'shutdown', used: 12, want: 'trip' },
  ] as const;
  test.each(rows)('$action, $used counted: $want', ({ action, used, want }) => {
    expect(admit({ limit: 10, action }, used)).toBe(want);
  });
});

test('without a limit all are admitted', () => {
  expect(admit(undefined, 1_000_000)).toBe('admit');
  expect(remaining(undefined, 1_000_000)).toBe(Infinity);
});

test('a limit of 0 admits nothing', () => {
  expect(admit({ limit: 0, action: 'shutdown' }, 0)).toBe('trip');
});

test('the space for blocked prefixes is what the limit leaves, never below 0', () => {
  expect(remaining({ limit: 10, action: 'block' }, 7)).toBe(3);
  expect(remaining({ limit: 10, action: 'block' }, 12)).toBe(0);
  expect(remaining({ limit: 10, action: 'warning' }, 12)).toBe(Infinity);
});
