import { none, type PathId, type PeerId, type PrefixId, type ShareId } from '#policy/ids.ts';
import { capacityFor, widen } from '../tables/id-pool.ts';
import type { PeerSets } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';
import { ShareCounts } from './share-counts.ts';

/**
 * Adj-RIB-Out toward ADD-PATH clients: for each path who holds it, and as what. The path's own id is
 * the path identifier that they see. 4 bytes a path, and only once such a client is configured.
 */
export class SentPaths {
  private shares = new Uint32Array(64);
  /** Paths that have left their chain while clients still hold them: their ids rest until it is withdrawn. */
  private readonly gone = new Map<PrefixId, PathId[]>();
  private readonly counts = new ShareCounts();

  /** No path is sent to anybody. */
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

  /** Keeps a path that has been unlinked, if anybody holds it; false: its row may be freed now. */
  retire(path: PathId, prefix: PrefixId): boolean {
    if (this.share(path) === none) return false;
    const paths = this.gone.get(prefix);
    if (paths === undefined) this.gone.set(prefix, [path]);
    else paths.push(path);
    return true;
  }

  /** Paths that the peer holds, or is going to be sent. */
  advertisedTo(peer: PeerId, sets: PeerSets): number {
    return this.counts.of(peer, sets);
  }

  /** The paths of the prefix that are gone, and not taken yet. */
  goneOf(prefix: PrefixId): readonly PathId[] {
    return this.gone.get(prefix) ?? [];
  }

  /** The paths of the prefix that are gone; the caller withdraws them, then frees their rows. */
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
