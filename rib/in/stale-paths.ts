import { type AttrsId, none, type PathId } from '#policy/ids.ts';
import { wellKnownCommunities } from '#wire/communities.ts';
import type { RibPeer } from '../rib-peer.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import { Staleness } from '../tables/path-table.ts';
import type { Tables } from '../tables/tables.ts';
import { eachPathOf, followed, type Task, Walk } from '../task.ts';

/** Adj-RIB-In, as far as stale paths need it. */
export interface StaleOwner {
  remove(peer: RibPeer, path: PathId): void;
  /** Paths that went have made room. */
  admitWaiting(peer: RibPeer): void;
  /** Paths that went may have been the last stale ones. */
  settleCredit(peer: RibPeer): void;
}

/**
 * Paths of one family that their peers may no longer stand by: because the session was lost
 * (RFC 4724), for long (RFC 9494), or because the peer sends everything again (RFC 7313). A path is
 * fresh again as soon as it is announced.
 *
 * Walks are cut in slices, and a peer may come and go meanwhile: what a walk has begun is finished
 * before anything is marked anew, so that it never takes out a path that was fresh when it began.
 */
export class StalePaths {
  private readonly tables: Tables;
  private readonly attrs: AttrTable;
  private readonly owner: StaleOwner;
  private readonly walks = new Map<RibPeer, Walk>();

  constructor(tables: Tables, attrs: AttrTable, owner: StaleOwner) {
    this.tables = tables;
    this.attrs = attrs;
    this.owner = owner;
  }

  /** Marks all that the peer has announced: what it does not announce again goes with `sweep`. */
  mark(peer: RibPeer): void {
    const { paths, family } = this.tables;
    this.finish(peer);
    peer.counts[family].stale += paths.markStale(peer.id);
  }

  /** The path is announced again, or goes. True if it must be judged anew for being fresh. */
  renew(peer: RibPeer, path: PathId): boolean {
    const { paths, family } = this.tables;
    const was = paths.staleness(path);
    if (was === Staleness.fresh) return false;
    paths.setStaleness(path, Staleness.fresh);
    peer.counts[family].stale--;
    return was === Staleness.longLived;
  }

  /** Takes out what is stale still (RFC 4724 §4.2, RFC 7313 §4). */
  sweep(peer: RibPeer): Task {
    const { paths } = this.tables;
    return this.walk(peer, (path) => {
      const staleness = paths.staleness(path);
      const isStale = staleness === Staleness.stale || staleness === Staleness.longLived;
      if (isStale) this.owner.remove(peer, path);
    });
  }

  /** The peer has been gone for long: its stale paths become the last resort (RFC 9494 §4.2). */
  keepLongLived(peer: RibPeer): Task {
    const { paths, locRib } = this.tables;
    return this.walk(peer, (path) => {
      if (paths.staleness(path) !== Staleness.stale) return;
      const accepted = paths.accepted(path);
      if (accepted !== none && this.mustNotLast(accepted)) return this.owner.remove(peer, path);
      paths.setStaleness(path, Staleness.longLived);
      if (accepted === none) return;
      paths.judge(path, this.acceptedAs(path, accepted), 0);
      locRib.changed(paths.prefix(path), path, accepted);
    });
  }

  /** What policy accepts, marked LLGR_STALE where the path is kept for long (RFC 9494 §4.2). */
  acceptedAs(path: PathId, accepted: AttrsId): AttrsId {
    const { attrs } = this;
    const isMarked = this.tables.paths.staleness(path) !== Staleness.longLived;
    if (isMarked || attrs.isLongLivedStale(accepted)) return accepted;
    const route = attrs.read(accepted);
    return attrs.intern({
      ...route,
      communities: [...route.communities, wellKnownCommunities.llgr_stale],
    });
  }

  /** NO_LLGR, from the peer or from policy. */
  private mustNotLast(accepted: AttrsId): boolean {
    return this.attrs.read(accepted).communities.includes(wellKnownCommunities.no_llgr);
  }

  private walk(peer: RibPeer, visit: (path: PathId) => void): Task {
    this.finish(peer);
    const rows = eachPathOf(this.tables, peer.id, visit);
    const task = followed(rows, () => {
      this.walks.delete(peer);
      this.owner.admitWaiting(peer);
      this.owner.settleCredit(peer);
    });
    const walk = new Walk(this.tables.because.keep(task));
    this.walks.set(peer, walk);
    return walk;
  }

  /** What was ordered for the peer is done at once: a limit must not count what is as good as gone. */
  finish(peer: RibPeer): void {
    this.walks.get(peer)?.finish();
  }
}
