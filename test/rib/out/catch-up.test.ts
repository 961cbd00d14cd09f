import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttrsId, PathId, PeerId, PrefixId, ShareId } from '#policy/ids.ts';
import { CatchUp } from '#rib/out/catch-up.ts';
import { StagedChanges } from '#rib/out/staged-changes.ts';
import type { RibPeer } from '#rib/rib-peer.ts';
import { maskOf, PeerSets } from '#rib/tables/peer-sets.ts';
import { ShareTable } from '#rib/tables/share-table.ts';

const shares = new ShareTable(new PeerSets(), 1);
const ours = maskOf(0 as PeerId);
const theirs = maskOf(1 as PeerId);
const cells = Array.from({ length: 40 }, (_, n) =>
  shares.cons(n % 4 === 3 ? theirs : ours, (n + 1) as AttrsId, 0 as ShareId),
);
const highest = 300;
const change = fc.record({
  cell: fc.nat({ max: cells.length - 1 }),
  prefix: fc.integer({ min: 1, max: highest }),
  isNew: fc.boolean(),
});
const rounds = fc.array(
  fc.record({
    changes: fc.uniqueArray(change, { selector: ({ prefix }) => prefix }),
    areUnsent: fc.boolean(),
    withdrawn: fc.array(fc.integer({ min: 1, max: highest })),
  }),
  { maxLength: 4 },
);
/** Where the pass over the whole table ends; 0 if there is none. */
const passEnd = fc.constantFrom(0, 1, 33, 100, 256, highest + 1);

test('prefixes that are added word by word are awaited as if they were added one by one', () => {
  fc.assert(
    fc.property(rounds, passEnd, fc.boolean(), (all, end, owesEndOfRib) => {
      const catchUp = new CatchUp({} as RibPeer);
      catchUp.owesEndOfRib = owesEndOfRib;
      if (end > 0) catchUp.addAll(end, () => () => true);
      const isToCome = (prefix: number): boolean => prefix < end;
      const awaited = new Set<number>();
      const unheld = new Set<number>();
      const staged = new StagedChanges(shares);
      for (const { changes, areUnsent, withdrawn } of all) {
        for (const { cell, prefix, isNew } of changes) {
          staged.add(cells[cell], prefix as PrefixId, 0 as PathId, isNew);
          if (shares.mask(cells[cell]) !== ours || awaited.has(prefix)) continue;
          if (areUnsent && isNew) unheld.add(prefix);
          if (!isToCome(prefix)) awaited.add(prefix);
        }
        for (const section of staged.sections()) {
          if (section.mask === ours) catchUp.addWords(section, areUnsent);
        }
        staged.clear();
        for (const prefix of withdrawn) {
          catchUp.withdraw(prefix as PrefixId);
          if (unheld.delete(prefix)) awaited.delete(prefix);
          else if (!owesEndOfRib || !isToCome(prefix)) awaited.add(prefix);
        }
        const has = Array.from({ length: highest }, (_, at) => at + 1).filter((prefix) =>
          catchUp.has(prefix as PrefixId),
        );
        expect(has).toEqual([...awaited].toSorted((a, b) => a - b));
        if (end === 0) expect(catchUp.isDone).toBe(awaited.size === 0);
      }
    }),
    { numRuns: 300 },
  );
});
