import {
  type AttrsId,
  none,
  type PathId,
  type PeerId,
  type PrefixId,
  type ShareId,
} from '#policy/ids.ts';
import type { FamilyTables } from '../family-tables.ts';
import { maskOf } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';
import type { Slice } from '../work/slice.ts';
import type { CatchUp } from './catch-up.ts';
import type { Exports } from './exports.ts';
import type { PathSelection } from './path-selection.ts';
import type { StagedChanges } from './staged-changes.ts';
import type { UpdateGroup } from './update-group.ts';

/** Clients that take one path of a prefix are sent the best one that they may have. A row of a slice is a prefix. */
export class BestPath implements PathSelection {
  private readonly tables: FamilyTables;
  private readonly shares: ShareTable;
  private readonly exports: Exports;

  constructor(tables: FamilyTables, shares: ShareTable, exports: Exports) {
    this.tables = tables;
    this.shares = shares;
    this.exports = exports;
  }

  get isEmpty(): boolean {
    return this.tables.adjRibOut.isEmpty;
  }

  get hasChanges(): boolean {
    return this.tables.dirty.size > 0;
  }

  get isUrgent(): boolean {
    return this.tables.dirty.isUrgent;
  }

  stage(staged: StagedChanges, slice: Slice): void {
    const { exports } = this;
    const { dirty, adjRibOut } = this.tables;
    while (slice.take()) {
      const prefix = dirty.take();
      if (prefix === none) return;
      const from = adjRibOut.share(prefix);
      const judgedRows = exports.judgedRows;
      const to = exports.shareOf(prefix);
      if (exports.judgedRows > judgedRows) slice.spend(exports.judgedRows - judgedRows);
      if (from === to) {
        this.tables.releaseIfUnused(prefix);
        continue;
      }
      adjRibOut.replace(prefix, to, this.shares);
      staged.change(prefix, none as PathId, from, to);
    }
  }

  /** Only prefixes are kept, and `StagedChanges` has those. */
  release(): void {}

  wantedBy(peer: PeerId): (prefix: PrefixId) => boolean {
    const { shares } = this;
    const { adjRibOut } = this.tables;
    let share = none as ShareId;
    let isWanted = false;
    return (prefix) => {
      const next = adjRibOut.share(prefix);
      if (next !== share) {
        share = next;
        isWanted = shares.attrsFor(next, peer) !== none;
      }
      return isWanted;
    };
  }

  defer(catchUp: CatchUp, staged: StagedChanges, areUnsent: boolean): void {
    const mask = maskOf(catchUp.peer.id);
    for (const section of staged.sections()) {
      if ((section.mask & mask) === 0n) continue;
      if (!catchUp.isLeaving) catchUp.addWords(section, areUnsent);
      for (let link = staged.first(section.withdrawals); link !== none; link = staged.next(link)) {
        catchUp.withdraw(staged.prefix(link));
      }
    }
  }

  isUnheld(catchUp: CatchUp, prefix: PrefixId): boolean {
    return catchUp.isUnheld(prefix);
  }

  feed(catchUp: CatchUp, group: UpdateGroup, slice: Slice): void {
    const { tables, shares } = this;
    const { peer, isLeaving } = catchUp;
    let attrs: AttrsId | undefined;
    let share: ShareId | undefined;
    while (slice.take()) {
      const prefix = catchUp.take(tables);
      if (prefix === none) break;
      const next = isLeaving ? (none as ShareId) : tables.adjRibOut.share(prefix);
      if (next !== share) {
        share = next;
        const wanted = shares.attrsFor(share, peer.id);
        if (wanted !== attrs) group.begin(wanted);
        attrs = wanted;
      }
      group.add(prefix);
      if (attrs === none) tables.releaseIfUnused(prefix);
    }
    group.end();
  }
}
