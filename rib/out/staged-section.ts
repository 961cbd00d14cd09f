import { none, type PeerSetId, type PrefixId, type ShareId } from '#policy/ids.ts';
import type { PeerMask } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';

/**
 * What one batch changes for one set of peers. Announcements are by words of 32 prefixes, as `IdBits` has them: two
 * hundred clients that catch up then await a batch of 8192 prefixes by looking at 256 words each, and not at every
 * prefix. A word may have several rows.
 */
export interface StagedSection {
  readonly mask: PeerMask;
  /** By row: which word, its bits, and those of them whose prefix no peer had been sent. */
  readonly words: number[];
  readonly bits: number[];
  readonly newBits: number[];
  /** The cell of the withdrawals, or 0. */
  withdrawals: ShareId;
}

/** A batch as chains, one for each cell, and its cells with those for the same set of peers side by side. */
interface Chains {
  ordered(): Uint32Array;
  first(cell: ShareId): number;
  next(link: number): number;
  prefix(link: number): PrefixId;
  isNew(link: number): boolean;
}

/** The sections of a batch, each set of peers once. */
export function sectionsOf(staged: Chains, shares: ShareTable): StagedSection[] {
  const sections: StagedSection[] = [];
  let set = none as PeerSetId;
  for (const id of staged.ordered()) {
    const cell = id as ShareId;
    if (shares.set(cell) !== set) {
      set = shares.set(cell);
      sections.push({
        mask: shares.mask(cell),
        words: [],
        bits: [],
        newBits: [],
        withdrawals: none as ShareId,
      });
    }
    const section = sections[sections.length - 1];
    if (shares.attrs(cell) === none) section.withdrawals = cell;
    else addChain(section, staged, cell);
  }
  return sections;
}

function addChain({ words, bits, newBits }: StagedSection, staged: Chains, cell: ShareId): void {
  for (let link = staged.first(cell); link !== none; link = staged.next(link)) {
    const prefix = staged.prefix(link);
    const word = prefix >> 5;
    const bit = 1 << (prefix & 31);
    let row = words.length - 1;
    if (row < 0 || words[row] !== word) {
      row = words.push(word) - 1;
      bits.push(0);
      newBits.push(0);
    }
    bits[row] |= bit;
    if (staged.isNew(link)) newBits[row] |= bit;
  }
}
