import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PrefixId } from '#policy/ids.ts';
import { DirtySet } from '#rib/tables/ids/dirty-set.ts';

const limit = 8;
const id = fc.integer({ min: 1, max: limit - 1 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), id }),
  fc.record({ kind: fc.constant('behind' as const), id }),
  fc.record({ kind: fc.constant('take' as const) }),
  fc.record({ kind: fc.constant('all' as const) }),
);

/** The ids that wait, in the order in which they are to be taken, and those that the pass has still to reach. */
interface Model {
  first: number[];
  behind: number[];
  pass: number[];
}

test('changes from the network come first, then what was queued, then the remaining table', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const set = new DirtySet({ limit, has: () => true });
      const model: Model = { first: [], behind: [], pass: [] };
      let at = 1;
      for (const it of steps) {
        switch (it.kind) {
          case 'add':
            set.add(it.id as PrefixId);
            model.behind = model.behind.filter((other) => other !== it.id);
            if (!model.first.includes(it.id)) model.first.push(it.id);
            break;
          case 'behind':
            set.behind(() => set.add(it.id as PrefixId));
            if (![...model.first, ...model.behind].includes(it.id)) model.behind.push(it.id);
            break;
          case 'all':
            set.addAll();
            if (model.pass.length === 0) at = 1;
            model.pass = Array.from(
              { length: limit - 1 },
              (_, offset) => ((at - 1 + offset) % (limit - 1)) + 1,
            );
            break;
          case 'take': {
            const wanted = model.first.shift() ?? model.behind.shift() ?? model.pass.shift() ?? 0;
            if (set.take() !== wanted) throw new Error(`expected ${wanted}`);
            at = model.pass[0] ?? at;
            break;
          }
        }
        expect(set.size).toBe(model.first.length + model.behind.length + model.pass.length);
        expect(set.isUrgent).toBe(model.first.length > 0);
      }
    }),
    { numRuns: 2000, seed: 1 },
  );
});
