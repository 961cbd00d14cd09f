import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PrefixId } from '#policy/ids.ts';
import { comparePrefixes } from '#policy/prefix-bits.ts';
import { PrefixOrder } from '#rib/tables/prefix-order.ts';
import { PrefixTable, scratchPrefix } from '#rib/tables/prefix-table.ts';
import { Slice } from '#rib/work/slice.ts';
import type { Prefix } from '#wire/nlri.ts';
import { seed } from '../given.ts';

/** A step of a history: `count` prefixes are added or removed from `from` on, or a slice of `count` rows is sorted. */
type Step = readonly [what: 'come' | 'go' | 'prepare', from: number, count: number];

const most = 3000;

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.tuple(
    fc.constantFrom('come', 'come', 'go', 'prepare'),
    fc.integer({ min: 0, max: most - 1 }),
    fc.integer({ min: 1, max: 700 }),
  ),
  { maxLength: 30 },
);

/** Returns a prefix of one of several lengths; neighbours in the order of prefixes are far apart in that of `at`. */
function prefixAt(family: 0 | 1, at: number): Prefix {
  const number = (at * 1237) % most;
  const word = ((number >> 2) << 8) | (number % 2 === 0 ? 0x8000_0000 : 0);
  const prefix = { ...scratchPrefix(family), lengthBits: 24 + (number & 2) };
  if (family === 0) return { ...prefix, word0: word };
  return { ...prefix, word0: 0x2001_0db8, word3: word, lengthBits: 120 + (number & 2) };
}

/** A table whose prefixes are added and removed, and its order. */
class History {
  readonly table: PrefixTable;
  readonly order: PrefixOrder;
  private readonly family: 0 | 1;

  constructor(family: 0 | 1) {
    this.family = family;
    this.table = new PrefixTable(family, seed);
    this.order = new PrefixOrder(this.table);
  }

  do([what, from, count]: Step): void {
    if (what === 'prepare') return void this.order.prepare(new Slice(count));
    for (let at = from; at < Math.min(from + count, most); at++) {
      const prefix = prefixAt(this.family, at);
      const id = this.table.find(prefix);
      if (what === 'come') this.table.intern(prefix);
      else if (id !== 0) this.table.remove(id);
    }
  }

  listed(from?: Prefix): PrefixId[] {
    return [...this.order.ids(from)];
  }

  /** Returns all prefixes that are in the table, sorted by comparison. */
  sorted(from?: Prefix): PrefixId[] {
    const ids = Array.from({ length: this.table.limit }, (_, id) => id as PrefixId);
    const read = (id: PrefixId) => this.table.read(id, scratchPrefix(this.family));
    return ids
      .filter((id) => this.table.has(id))
      .filter((id) => from === undefined || comparePrefixes(read(id), from) >= 0)
      .toSorted((a, b) => comparePrefixes(read(a), read(b)));
  }
}

/** Checks the order at many moments of a history, and finally from one prefix on. */
function isAsSorted(family: 0 | 1, history: readonly Step[], from: number): void {
  const given = new History(family);
  for (const step of history) {
    given.do(step);
    if (step[0] === 'prepare' && step[1] % 2 === 0) continue;
    given.order.prepare(new Slice(Infinity));
    expect(given.listed()).toEqual(given.sorted());
  }
  given.order.prepare(new Slice(Infinity));
  const start = prefixAt(family, from);
  expect(given.listed(start)).toEqual(given.sorted(start));
}

describe.each([0, 1] as const)('the order of the prefixes of family %i', (family) => {
  it('is that of a sort, from any prefix on, whatever was added and removed since it was last used', () => {
    const from = fc.integer({ min: 0, max: most - 1 });
    fc.assert(
      fc.property(steps, from, (history, start) => isAsSorted(family, history, start)),
      { numRuns: 30 },
    );
  });
});

describe('the order of prefixes', () => {
  it('is made in slices, and has the prefixes that are added meanwhile', () => {
    const given = new History(1);
    given.do(['come', 0, 600]);
    const isReady = [1, 2, 3].map(() => given.order.prepare(new Slice(250)));
    given.do(['come', 600, 10]);
    expect(isReady).toEqual([false, false, true]);
    expect(given.order.prepare(new Slice(10))).toBe(true);
    expect(given.listed()).toEqual(given.sorted());
  });

  it('is no longer maintained when it has not been used for long', () => {
    const given = new History(0);
    expect(given.table.watch).toBeUndefined();
    given.order.prepare(new Slice(Infinity));
    for (let round = 0; round < 66; round++) {
      given.do(['come', 0, 500]);
      given.do(['go', 0, 500]);
    }
    expect(given.table.watch).toBeUndefined();
    given.do(['come', 0, 100]);
    given.order.prepare(new Slice(Infinity));
    expect(given.listed()).toEqual(given.sorted());
  });

  it('is right after all but one prefix in a hundred are removed', () => {
    const given = new History(1);
    given.do(['come', 0, most]);
    given.order.prepare(new Slice(Infinity));
    const ids = given.listed();
    for (const [at, id] of ids.entries()) if (at % 100 !== 0) given.table.remove(id);
    given.order.prepare(new Slice(Infinity));
    expect(given.listed()).toEqual(ids.filter((_, at) => at % 100 === 0));
  });
});
