import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HashedKeys, HashIndex, maskOf } from '#rib/tables/hash/hash-index.ts';

const keyless: HashedKeys = {
  hashOf: () => 0,
  rekey: () => undefined,
};

/** Returns hashes that are spread evenly. */
function spread(id: number): number {
  return Math.imul(id, 0x9e3779b1);
}

/** Looks an id up as the tables do. */
function find(index: HashIndex, hash: number, id: number): boolean {
  const slots = index.slotsOf(hash);
  const mask = maskOf(slots);
  for (let at = hash & mask; slots[2 * at] !== 0; at = (at + 1) & mask) {
    if (slots[2 * at] === id && slots[2 * at + 1] === hash) return true;
  }
  return false;
}

/** Few hashes, at both ends of the table: runs collide, wrap round and are removed from the middle. */
const hashes = fc.constantFrom(0, 1, 2, 61, 62, 63, -1, -2, 64, 1 << 20);

test('ids are found until they are removed, whatever collides with them', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), hashes), { maxLength: 200 });
  fc.assert(fc.property(steps, isFoundWhileIn), { numRuns: 200 });
});

test('an id that is not in the index cannot be removed, and the search for it ends', () => {
  const index = new HashIndex(0, keyless);
  index.add(7, 1);
  expect(() => index.remove(7, 2)).toThrow(RangeError);
  index.remove(7, 1);
  expect(() => index.remove(7, 1)).toThrow(RangeError);
});

test('it grows to stay half empty, and only one table remains', () => {
  const index = new HashIndex(0, keyless);
  for (let id = 1; id <= 1000; id++) index.add(spread(id), id);
  expect(index.bytes).toBe(2048 * 8);
  for (let id = 1; id <= 1000; id++) expect(find(index, spread(id), id)).toBe(true);
});

test('growing moves a few ids at a time, whatever the size', () => {
  const index = new HashIndex(0, keyless);
  for (let id = 1; id <= 2 ** 15; id++) index.add(spread(id), id);
  let moved = 0;
  let most = 0;
  for (let id = 2 ** 15 + 1; index.bytes !== 2 ** 17 * 8 || moved === 0; id++) {
    const before = moved;
    index.add(spread(id), id);
    moved = 0;
    for (let old = 1; old <= 2 ** 15; old++) {
      if (index.slotsOf(spread(old)).length === 2 ** 18) moved++;
    }
    most = Math.max(most, moved - before);
  }
  expect(moved).toBe(2 ** 15);
  expect(most).toBeLessThan(200);
});

/**
 * 1024 slots are moved during 8 additions. The run at the end of the table continues at its beginning, where the others
 * collide with it.
 */
test('while it grows, every id is found in one table, whatever is added and removed meanwhile', () => {
  const ends = fc.constantFrom(-1, -2, -40, 1022, 1023, 0, 1, 40);
  const hash = fc.oneof(ends, fc.integer());
  const before = fc.array(hash, { minLength: 512, maxLength: 512 });
  const step = fc.oneof(fc.record({ add: hash }), fc.record({ removeAt: fc.nat() }));
  const during = fc.array(step, { maxLength: 24 });
  fc.assert(fc.property(before, during, isFoundWhileGrowing), { numRuns: 60 });
});

function isFoundWhileGrowing(
  before: readonly number[],
  during: readonly ({ add: number } | { removeAt: number })[],
): void {
  const index = new HashIndex(0, keyless);
  const model = new Map<number, number>();
  let lastId = 0;
  const add = (hash: number): void => {
    index.add(hash, ++lastId);
    model.set(lastId, hash);
  };
  before.forEach(add);
  expect(index.bytes).toBe(1024 * 8);
  for (const step of during) {
    if ('add' in step) add(step.add);
    else {
      const [id, hash] = [...model][step.removeAt % model.size];
      index.remove(hash, id);
      model.delete(id);
      expect(find(index, hash, id)).toBe(false);
    }
    const all = new Map<number, number>();
    index.forEach((id, hash) => all.set(id, hash));
    expect(all).toEqual(model);
    for (const [id, hash] of model) if (!find(index, hash, id)) expect.fail(`${id} is lost`);
  }
}

function isFoundWhileIn(history: readonly (readonly [number, number])[]): void {
  const index = new HashIndex(0, keyless);
  const model = new Map<number, number>();
  for (const [id, hash] of history) {
    const known = model.get(id);
    if (known === undefined) {
      index.add(hash, id);
      model.set(id, hash);
    } else {
      index.remove(known, id);
      model.delete(id);
      expect(find(index, known, id)).toBe(false);
    }
    for (const [other, itsHash] of model) expect(find(index, itsHash, other)).toBe(true);
  }
}
