import { expect, test } from 'vitest';
import { RowBudget } from '#daemon/views/row-budget.ts';

test('a large table may be walked a few times at once, then about once a second', () => {
  const budget = new RowBudget();
  const walk = (nowMs: number): boolean => budget.spend(1_000_000, nowMs);
  const atOnce = Array.from({ length: 100 }, () => walk(5_000)).filter(Boolean);
  expect(atOnce).toHaveLength(16);
  expect([walk(5_500), walk(6_100), walk(6_200), walk(7_200)]).toEqual([false, true, false, true]);
});

test('a small table may be walked as often as messages come', () => {
  const budget = new RowBudget();
  const seconds = Array.from({ length: 10 }, (_, at) => at * 1000);
  const refused = seconds.flatMap((nowMs) =>
    Array.from({ length: 1000 }, () => budget.spend(1000, nowMs)).filter((may) => !may),
  );
  expect(refused).toEqual([]);
});
