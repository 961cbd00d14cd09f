import { none, type PathId, type PeerId, type PrefixId, type ShareId } from '#policy/ids.ts';
import { capacityFor, widen } from '../tables/columns.ts';
import type { PeerSets } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';
import { ShareCounts } from './share-counts.ts';

/**
 * Adj-RIB-Out toward ADD-PATH clients: which clients hold each path, and with which attributes. They see the path's own
 * id as its path identifier. 4 bytes per path, and only once such a client is configured.
 */
export class SentPaths {
  private shares = new Uint32Array(64);
  /** Paths that have left their chain while clients still hold them; their ids are kept until the withdrawal. */
  private readonly gone = new Map<PrefixId, PathId[]>();
  private readonly counts = new ShareCounts();

  /** Whether no path is sent to any peer. */
  get isEmpty(): boolean {
    return this.counts.isEmpty;
  }

  share(path: PathId): ShareId {
    return (path < this.shares.length ? this.shares[path] : none) as ShareId;
  }

  set(path: PathId, share: ShareId, table: ShareTable): void {
    this.counts.replace(this.share(path), share, table);
    if (path >= this.shares.length) {
      if (share === none) return;
      this.shares = widen(this.shares, capacityFor(path, this.shares.length));
    }
    this.shares[path] = share;
  }

  /** Keeps a path that has been unlinked if any client holds it; returns false if its row may be freed now. */
  retire(path: PathId, prefix: PrefixId): boolean {
    if (this.share(path) === none) return false;
    const paths = this.gone.get(prefix);
    if (paths === undefined) this.gone.set(prefix, [path]);
    else paths.push(path);
    return true;
  }

  /** Returns the number of paths that the peer holds, or is going to be sent. */
  advertisedTo(peer: PeerId, sets: PeerSets): number {
    return this.counts.of(peer, sets);
  }

  /** Returns the paths of the prefix that are gone and not taken yet. */
  goneOf(prefix: PrefixId): readonly PathId[] {
    return this.gone.get(prefix) ?? [];
  }

  /** Returns the paths of the prefix that are gone; the caller withdraws them, then frees their rows. */
  takeGone(prefix: PrefixId): readonly PathId[] {
    const taken = this.goneOf(prefix);
    this.gone.delete(prefix);
    return taken;
  }

  /** Sets 1 at every share that a path has. */
  markShares(named: Uint8Array): void {
    const { shares } = this;
    for (let path = 0; path < shares.length; path++) named[shares[path]] = 1;
  }

  get bytes(): number {
    return this.shares.byteLength;
  }
}
