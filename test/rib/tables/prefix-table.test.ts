import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PrefixId } from '#policy/ids.ts';
import { PrefixTable, scratchPrefix } from '#rib/tables/prefix-table.ts';
import { dice } from '#support/dice.ts';
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
});

test.each(families)(
  'of family %i every prefix stays while the table grows, also those that come in place of others then',
  (family) => {
    const table = new PrefixTable(family, seed);
    const roll = dice(1);
    const lasts: number[] = [];
    const numbered = (last: number): Prefix =>
      family === 0
        ? { ...scratchPrefix(0), lengthBits: 32, word0: last }
        : {
            ...scratchPrefix(1),
            lengthBits: 128,
            word0: 0x2001_0db8,
            word1: ~last,
            word2: last,
            word3: last,
          };
    for (let last = 1; last <= 140_000; last++) {
      lasts[table.intern(numbered(last))] = last;
      if (last % 3 > 0) continue;
      const gone = 1 + roll.below(table.limit - 1);
      table.remove(gone as PrefixId);
      lasts[table.intern(numbered(-last))] = -last;
    }
    let wrong = 0;
    const read = scratchPrefix(family);
    for (let id = 1; id < table.limit; id++) {
      const want = numbered(lasts[id]);
      table.read(id as PrefixId, read);
      if (prefixText(read) !== prefixText(want) || table.find(want) !== id) wrong++;
    }
    expect([wrong, table.limit]).toEqual([0, 140_001]);
  },
);

test('a hundred thousand neighbours cost less than 60 bytes each', () => {
  const table = new PrefixTable(1, seed);
  const it = { ...scratchPrefix(1), ...prefix('2001:db8::/128') };
  for (it.word3 = 0; it.word3 < 100_000; it.word3++) table.intern(it);
  expect(table.size).toBe(100_000);
  expect(table.bytes / table.size).toBeLessThan(60);
});
