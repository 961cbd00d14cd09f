import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HashedKeys, HashIndex } from '#rib/tables/hash/hash-index.ts';

const keyless: HashedKeys = {
  hashOf: () => 0,
  rekey: () => undefined,
};

/** Looks an id up as the tables do. */
function find(index: HashIndex, hash: number, id: number): boolean {
  const { slots, mask } = index;
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

test('an id that is not in cannot be removed, and looking for it ends', () => {
  const index = new HashIndex(0, keyless);
  index.add(7, 1);
  expect(() => index.remove(7, 2)).toThrow(RangeError);
  index.remove(7, 1);
  expect(() => index.remove(7, 1)).toThrow(RangeError);
});

test('it grows to stay half empty', () => {
  const index = new HashIndex(0, keyless);
  for (let id = 1; id <= 1000; id++) index.add(Math.imul(id, 0x9e3779b1), id);
  expect(index.mask).toBe(2047);
  expect(index.bytes).toBe(2048 * 8);
  for (let id = 1; id <= 1000; id++) expect(find(index, Math.imul(id, 0x9e3779b1), id)).toBe(true);
});

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
