import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttrsId, PathId, PeerId, PrefixId, ShareId } from '#policy/ids.ts';
import { StagedChanges } from '#rib/out/staged-changes.ts';
import { maskOf, PeerSets } from '#rib/tables/peer-sets.ts';
import { ShareTable } from '#rib/tables/share-table.ts';

const shares = new ShareTable(new PeerSets(), 1);
/** Changes for three sets of peers, interned so that the sets of the first ones are not in order. */
const cells = Array.from({ length: 300 }, (_, n) =>
  shares.cons(maskOf(((n * 2) % 3) as PeerId), (n + 1) as AttrsId, 0 as ShareId),
);

const batches = fc.array(
  fc.array(fc.tuple(fc.nat({ max: cells.length - 1 }), fc.nat({ max: 200 }), fc.boolean())),
  { minLength: 1, maxLength: 5 },
);

test('a batch has what was staged in it, by cell, in order, with the cells for one set side by side', () => {
  fc.assert(fc.property(batches, isKept), { numRuns: 200 });
});

test('there is space for more than a thousand cells and prefixes', () => {
  isKept([Array.from({ length: 3000 }, (_, n) => [n % cells.length, n, n % 2 === 0] as const)]);
});

/** Successive batches in the same columns, compared with a Map of arrays. */
function isKept(all: readonly (readonly (readonly [number, number, boolean])[])[]): void {
  const staged = new StagedChanges(shares);
  for (const batch of all) {
    const naive = new Map<ShareId, (readonly [number, boolean])[]>();
    for (const [index, prefix, isNew] of batch) {
      const cell = cells[index];
      staged.add(cell, prefix as PrefixId, prefix as number as PathId, isNew);
      naive.set(cell, [...(naive.get(cell) ?? []), [prefix, isNew]]);
    }
    const ordered = [...staged.ordered()] as ShareId[];
    const bySet = [...naive.keys()].toSorted((a, b) => shares.set(a) - shares.set(b));
    expect(ordered).toEqual(bySet);
    for (const cell of cells) expect(chainOf(staged, cell)).toEqual(naive.get(cell) ?? []);
    expect(staged.isEmpty).toBe(batch.length === 0);
    staged.clear();
    expect(staged.isEmpty).toBe(true);
  }
}

function chainOf(staged: StagedChanges, cell: ShareId): (readonly [number, boolean])[] {
  const chain: (readonly [number, boolean])[] = [];
  for (let link = staged.first(cell); link !== 0; link = staged.next(link)) {
    chain.push([staged.prefix(link), staged.isNew(link)]);
  }
  return chain;
}
