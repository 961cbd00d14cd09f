import { none, type PeerId, type PeerSetId, type ShareId } from '#policy/ids.ts';
import { capacityFor, widen } from '../tables/columns.ts';
import type { PeerSets } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';

/**
 * How many prefixes or paths each peer is sent, by the shares that they have. The counts are kept for each set of
 * peers, and added up for each peer on request.
 */
export class ShareCounts {
  /** The number of those that have a share. */
  private sharedOut = 0;
  private bySet = new Float64Array(64);
  private byPeer: number[] = [];
  private isStale = false;

  /** Whether nothing is sent to any peer. */
  get isEmpty(): boolean {
    return this.sharedOut === 0;
  }

  /** Called when one of them has the share `to` in place of `from`. */
  replace(from: ShareId, to: ShareId, table: ShareTable): void {
    if (from === none && to !== none) this.sharedOut++;
    if (from !== none && to === none) this.sharedOut--;
    this.add(from, -1, table);
    this.add(to, 1, table);
  }

  of(peer: PeerId, sets: PeerSets): number {
    if (this.isStale) this.addUp(sets);
    return this.byPeer[peer] ?? 0;
  }

  private add(share: ShareId, by: 1 | -1, table: ShareTable): void {
    for (let cell = share; cell !== none; cell = table.rest(cell)) {
      const set = table.set(cell);
      if (set >= this.bySet.length)
        this.bySet = widen(this.bySet, capacityFor(set, this.bySet.length));
      this.bySet[set] += by;
    }
    this.isStale = true;
  }

  private addUp(sets: PeerSets): void {
    this.byPeer = [];
    for (let set = 1; set < Math.min(sets.limit, this.bySet.length); set++) {
      const count = this.bySet[set];
      if (count === 0) continue;
      for (const peer of sets.members(set as PeerSetId)) {
        this.byPeer[peer] = (this.byPeer[peer] ?? 0) + count;
      }
    }
    this.isStale = false;
  }
}
