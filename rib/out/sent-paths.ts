import { none, type PathId, type PeerId, type PrefixId, type ShareId } from '#policy/ids.ts';
import { capacityFor, widen } from '../tables/id-pool.ts';
import type { PeerSets } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';
import { ShareCounts } from './share-counts.ts';

/** A path that has left its chain while clients still hold it; its id rests until they are told. */
export interface GonePath {
  readonly prefix: PrefixId;
  readonly path: PathId;
  readonly share: ShareId;
}

/**
 * Adj-RIB-Out toward ADD-PATH clients: for each path who holds it, and as what. The path's own id is
 * the path identifier that they see. 4 bytes a path, and only once such a client is configured.
 */
export class SentPaths {
  private shares = new Uint32Array(64);
  private gone: GonePath[] = [];
  private readonly counts = new ShareCounts();

  share(path: PathId): ShareId {
    return (path < this.shares.length ? this.shares[path] : none) as ShareId;
  }

  set(path: PathId, share: ShareId, table: ShareTable): void {
    this.counts.add(this.share(path), -1, table);
    this.counts.add(share, 1, table);
    if (path >= this.shares.length) {
      if (share === none) return;
      this.shares = widen(this.shares, capacityFor(path, this.shares.length));
    }
    this.shares[path] = share;
  }

  /** Keeps a path that has been unlinked, if anybody holds it; false: its row may be freed now. */
  retire(path: PathId, prefix: PrefixId): boolean {
    const share = this.share(path);
    if (share === none) return false;
    this.gone.push({ prefix, path, share });
    this.shares[path] = none;
    return true;
  }

  /** Paths that the peer holds, or is going to be sent. */
  advertisedTo(peer: PeerId, sets: PeerSets): number {
    return this.counts.of(peer, sets);
  }

  get goneCount(): number {
    return this.gone.length;
  }

  /** All that are gone; the caller withdraws them, then frees their rows. */
  takeGone(table: ShareTable): GonePath[] {
    const taken = this.gone;
    this.gone = [];
    for (const { share } of taken) this.counts.add(share, -1, table);
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
