import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PrefixId } from '#policy/ids.ts';
import { comparePrefixes } from '#policy/prefix-bits.ts';
import { PrefixOrder } from '#rib/tables/prefix-order.ts';
import { PrefixTable, scratchPrefix } from '#rib/tables/prefix-table.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { crowdedPrefixes } from '../../policy/arbitrary.ts';
import { prefix } from '../../policy/given.ts';
import { seed } from '../given.ts';
import { prefixText } from '../router-table.ts';

const families: readonly Family[] = [0, 1];

function ofFamily(family: Family) {
  return crowdedPrefixes.filter((it) => it.family === family);
}

describe.each(families)('the prefix table of family %i', (family) => {
  test('is a map from prefix to id', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), ofFamily(family)), { maxLength: 120 });
    const isAsMap = (history: readonly (readonly [boolean, Prefix])[]): void => {
      const table = new PrefixTable(family, seed);
      const model = new Map<string, PrefixId>();
      for (const [adds, it] of history) {
        const text = prefixText(it);
        const known = model.get(text);
        expect(table.find(it)).toBe(known ?? 0);
        if (adds) {
          const id = table.intern(it);
          if (known !== undefined) expect(id).toBe(known);
          model.set(text, id);
          expect(prefixText(table.read(id, scratchPrefix(family)))).toBe(text);
        } else if (known !== undefined) {
          table.remove(known);
          model.delete(text);
          expect(table.has(known)).toBe(false);
        }
        expect(table.size).toBe(model.size);
      }
      expect(new Set(model.values()).size).toBe(model.size);
    };
    fc.assert(fc.property(steps, isAsMap), { numRuns: 200 });
  });

  test('lists its prefixes in order of address, then length', () => {
    const isSorted = (prefixes: readonly Prefix[], from: Prefix): void => {
      const table = new PrefixTable(family, seed);
      const order = new PrefixOrder(table);
      const ids = prefixes.map((it) => table.intern(it));
      if (ids.length > 2) table.remove(ids[0]);
      const listed = [...order.ids()].map((id) => {
        return { ...table.read(id as PrefixId, scratchPrefix(family)) };
      });
      const texts = new Set(prefixes.map(prefixText));
      if (ids.length > 2) texts.delete(prefixText(prefixes[0]));
      expect(new Set(listed.map(prefixText))).toEqual(texts);
      expect(listed).toEqual(listed.toSorted(comparePrefixes));
      const before = listed.filter((it) => comparePrefixes(it, from) < 0);
      expect(order.lowerBound(from)).toBe(before.length);
    };
    const some = fc.array(ofFamily(family), { maxLength: 40 });
    fc.assert(fc.property(some, ofFamily(family), isSorted), { numRuns: 200 });
  });
});

test('the order is made anew when the table has changed, and only then', () => {
  const table = new PrefixTable(0, seed);
  const order = new PrefixOrder(table);
  table.intern(prefix('192.0.2.0/24'));
  const first = order.ids();
  expect(order.ids()).toBe(first);
  table.intern(prefix('10.0.0.0/8'));
  expect(order.ids()).not.toBe(first);
});

test('a hundred thousand neighbours cost less than 60 bytes each', () => {
  const table = new PrefixTable(1, seed);
  const it = { ...scratchPrefix(1), ...prefix('2001:db8::/128') };
  for (it.word3 = 0; it.word3 < 100_000; it.word3++) table.intern(it);
  expect(table.size).toBe(100_000);
  expect(table.bytes / table.size).toBeLessThan(60);
});
