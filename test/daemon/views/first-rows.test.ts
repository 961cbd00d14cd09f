import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { FirstRows } from '#daemon/views/first-rows.ts';

it('the first rows are those of a sorted list, whatever the order in which they come', () => {
  const keys = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 100 });
  const property = fc.property(keys, fc.integer({ min: 0, max: 12 }), (given, limit) => {
    const rows = new FirstRows<number, string>(limit, (a, b) => a - b);
    let made = 0;
    for (const key of given) rows.add(key, () => (made++, String(key)));
    const want = given.toSorted((a, b) => a - b).slice(0, limit);
    expect(rows.list()).toEqual(want.map(String));
    if (limit === 0) expect(made).toBe(0);
  });
  fc.assert(property);
});

it('a row that cannot be among the first is not built', () => {
  const rows = new FirstRows<number, number>(2, (a, b) => a - b);
  const made: number[] = [];
  for (let key = 0; key < 10; key++) rows.add(key, () => made.push(key));
  expect(made).toEqual([0, 1, 2, 3]);
});
