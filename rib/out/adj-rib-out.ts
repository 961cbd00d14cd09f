import { none, type PeerId, type PrefixId, type ShareId } from '#policy/ids.ts';
import { capacityFor, widen } from '../tables/columns.ts';
import type { PeerSets } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';
import { ShareCounts } from './share-counts.ts';

/**
 * Adj-RIB-Out of all peers at once: one ShareId per prefix says what every peer has been sent or, for a peer that is
 * catching up and awaits the prefix, what it is going to be sent. 4 bytes per prefix.
 */
export class AdjRibOut {
  private shares = new Uint32Array(64);
  private readonly counts = new ShareCounts();
  /** Peers that are catching up; the prefixes that they await keep their ids. */
  private readonly awaiting = new Set<{ has(prefix: PrefixId): boolean }>();

  /** Whether no prefix is sent to any peer. */
  get isEmpty(): boolean {
    return this.counts.isEmpty;
  }

  share(prefix: PrefixId): ShareId {
    return (prefix < this.shares.length ? this.shares[prefix] : none) as ShareId;
  }

  /** Replaces the present share with `to` and updates the counts of each set of peers. */
  replace(prefix: PrefixId, to: ShareId, table: ShareTable): void {
    if (prefix >= this.shares.length) {
      this.shares = widen(this.shares, capacityFor(prefix, this.shares.length));
    }
    this.counts.replace(this.shares[prefix] as ShareId, to, table);
    this.shares[prefix] = to;
  }

  /** Returns the number of prefixes that the peer is sent. */
  advertisedTo(peer: PeerId, sets: PeerSets): number {
    return this.counts.of(peer, sets);
  }

  await(prefixes: { has(prefix: PrefixId): boolean }): void {
    this.awaiting.add(prefixes);
  }

  unawait(prefixes: { has(prefix: PrefixId): boolean }): void {
    this.awaiting.delete(prefixes);
  }

  isAwaited(prefix: PrefixId): boolean {
    if (this.awaiting.size === 0) return false;
    for (const prefixes of this.awaiting) if (prefixes.has(prefix)) return true;
    return false;
  }

  /** Sets 1 at every share that a prefix has. */
  markShares(named: Uint8Array): void {
    const { shares } = this;
    for (let prefix = 0; prefix < shares.length; prefix++) named[shares[prefix]] = 1;
  }

  get bytes(): number {
    return this.shares.byteLength;
  }
}
