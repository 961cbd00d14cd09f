import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Neighbours } from '#rib/neighbours.ts';

test('all paths are of one neighbour AS exactly when this is reported, whatever came and went before', () => {
  const step = fc.record({ as: fc.constantFrom(65001, 65002, 65003), isNew: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const neighbours = new Neighbours(1);
      const paths: number[] = [];
      for (const { as, isNew } of steps) {
        if (isNew) {
          neighbours.add(as);
          paths.push(as);
        } else if (paths.includes(as)) {
          neighbours.remove(as);
          paths.splice(paths.indexOf(as), 1);
        }
        expect(neighbours.isOne).toBe(new Set(paths).size <= 1);
      }
    }),
    { numRuns: 500 },
  );
});

/** Returns the bucket, of 1024, in which a Map of V8 puts an integer key. */
function bucketOf(key: number): number {
  let hash = ~key + (key << 15);
  hash ^= hash >>> 12;
  hash += hash << 2;
  hash ^= hash >>> 4;
  hash = Math.imul(hash, 2057);
  return (hash ^ (hash >>> 16)) & 0x3ff;
}

test('AS numbers that a Map would keep in one bucket are spread over many, under any seed', () => {
  const chosen: number[] = [];
  for (let as = 1; chosen.length < 2000; as++) if (bucketOf(as) === 5) chosen.push(as);
  for (let seed = 1; seed <= 10; seed++) {
    const neighbours = new Neighbours(seed * 0x1234567);
    for (const as of chosen) neighbours.add(as);
    const counts = Object.values(neighbours).find(
      (it): it is Map<number, number> => it instanceof Map,
    );
    const buckets = new Set([...(counts?.keys() ?? [])].map(bucketOf));
    expect(counts?.size).toBe(chosen.length - 1);
    expect(buckets.size).toBeGreaterThan(500);
  }
});
