import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AttrColumns, SetFlag } from '#rib/tables/attr-columns.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const row = fc.record({
  origin: fc.constantFrom(0, 1, 2),
  asPathLength: fc.integer({ min: 0, max: 0xffff }),
  firstAs: u32,
  hasAsSet: fc.boolean(),
  hasMed: fc.boolean(),
  med: u32,
  isGracefulShutdown: fc.boolean(),
  isLongLivedStale: fc.boolean(),
  hasNonTransitive: fc.boolean(),
});

test('what is written to the columns is read back, and merit orders sets as its three parts do', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(row, u32), { minLength: 2, maxLength: 20 }), (rows) => {
      const columns = new AttrColumns(4);
      columns.grow(32);
      rows.forEach(([facts, localPref], at) =>
        columns.set(at + 1, facts, localPref, SetFlag.malformed),
      );
      rows.forEach(([facts, localPref], at) => {
        const id = at + 1;
        expect(columns.origin(id)).toBe(facts.origin);
        expect(columns.asPathLength(id)).toBe(facts.asPathLength);
        expect(columns.localPref(id)).toBe(localPref);
        expect(columns.neighbourAs(id)).toBe(facts.firstAs);
        expect(columns.med(id)).toBe(facts.med);
        expect(columns.has(id, SetFlag.hasMed)).toBe(facts.hasMed);
        expect(columns.has(id, SetFlag.hasAsSet)).toBe(facts.hasAsSet);
        expect(columns.has(id, SetFlag.gracefulShutdown)).toBe(facts.isGracefulShutdown);
        expect(columns.has(id, SetFlag.longLivedStale)).toBe(facts.isLongLivedStale);
        expect(columns.has(id, SetFlag.nonTransitive)).toBe(facts.hasNonTransitive);
        expect(columns.has(id, SetFlag.malformed)).toBe(true);
        expect(columns.has(id, SetFlag.erroneous)).toBe(false);
        expect(Math.sign(columns.merit(1) - columns.merit(id))).toBe(order(rows[0], rows[at]));
      });
    }),
  );
});

type Row = readonly [{ readonly origin: number; readonly asPathLength: number }, number];

function order([a, ours]: Row, [b, theirs]: Row): number {
  return Math.sign(theirs - ours || a.asPathLength - b.asPathLength || a.origin - b.origin);
}
