import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Neighbours } from '#rib/neighbours.ts';

test('there is one neighbour AS exactly while all paths are of one, whatever came and went before', () => {
  const step = fc.record({ as: fc.constantFrom(65001, 65002, 65003), isNew: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const neighbours = new Neighbours();
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
