import { type AttrsId, none, type PathId } from '#policy/ids.ts';
import { wellKnownCommunities } from '#wire/communities.ts';
import type { FamilyTables } from '../family-tables.ts';
import type { RibPeer } from '../rib-peer.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import { isStale, Staleness } from '../tables/staleness.ts';
import type { Task } from '../work/slice.ts';
import { eachPathOf, followed } from '../work/task.ts';
import type { LeavingPaths } from './leaving-paths.ts';
import type { Limits } from './limits.ts';
import type { WaitingPaths } from './waiting-paths.ts';

/** The part of Adj-RIB-In that stale paths use. */
interface StaleOwner {
  readonly leaving: LeavingPaths;
  readonly limits: Limits;
  readonly waiting: WaitingPaths;
  remove(peer: RibPeer, path: PathId): void;
}

/**
 * Paths of one family that their peers may no longer stand by: because the session was lost
 * (RFC 4724), or lost for a long time (RFC 9494), or because the peer announces everything again (RFC 7313).
 * A path is fresh again as soon as it is announced.
 *
 * Which paths are removed, or become long-lived, is marked at once and counts from then on, because the peer may
 * come and go meanwhile; the consequences for the best paths are carried out in slices.
 */
export class StalePaths {
  private readonly tables: FamilyTables;
  private readonly attrs: AttrTable;
  private readonly owner: StaleOwner;

  constructor(tables: FamilyTables, attrs: AttrTable, owner: StaleOwner) {
    this.tables = tables;
    this.attrs = attrs;
    this.owner = owner;
  }

  /** Marks everything that the peer has announced; what it does not announce again is removed by `sweep`. */
  mark(peer: RibPeer): void {
    const { paths, family } = this.tables;
    const counts = peer.counts[family];
    if (counts.isFlushing) return;
    const { marked, kept } = paths.markStale(peer.id);
    counts.markStale(marked, kept);
  }

  /** Called when the path is announced again or removed; does nothing if it is not stale. */
  unmark(peer: RibPeer, path: PathId): void {
    const { paths, family } = this.tables;
    if (!isStale(paths.staleness(path))) return;
    paths.setStaleness(path, Staleness.fresh);
    peer.counts[family].stale--;
  }

  /** Removes what is still stale (RFC 4724 §4.2, RFC 7313 §4). */
  sweep(peer: RibPeer): Task {
    const { paths, family } = this.tables;
    const counts = peer.counts[family];
    if (!counts.isFlushing) paths.leaveStale(peer.id);
    counts.forgetStale();
    const leaving = this.owner.leaving.begin(peer);
    this.settle(peer);
    return leaving;
  }

  /**
   * To be called when the peer has been gone for long: its stale paths become the last resort, and those with NO_LLGR
   * are removed (RFC 9494 §4.2). Paths that are marked later are not affected.
   */
  keepLongLived(peer: RibPeer): Task {
    const { paths, family } = this.tables;
    if (!peer.counts[family].isFlushing) paths.ageStale(peer.id);
    const rows = eachPathOf(this.tables, peer.id, (path) => {
      if (paths.staleness(path) === Staleness.ageing) this.age(peer, path);
    });
    return followed(rows, () => this.settle(peer));
  }

  private age(peer: RibPeer, path: PathId): void {
    const { paths, locRib } = this.tables;
    const accepted = paths.accepted(path);
    if (accepted !== none && this.mustNotLast(accepted)) return this.owner.remove(peer, path);
    paths.setStaleness(path, Staleness.longLived);
    if (accepted === none) return;
    paths.judge(path, this.acceptedAs(path, accepted), 0);
    locRib.changed(paths.prefix(path), path, accepted);
  }

  /**
   * To be called when paths have been removed: others may come in, and what was accepted beyond a limit must be within
   * it.
   */
  private settle(peer: RibPeer): void {
    this.owner.waiting.admitAll(peer);
    this.owner.limits.settleCredit(peer);
  }

  /** Returns what policy accepts, with LLGR_STALE if the path is kept as long-lived stale (RFC 9494 §4.2). */
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

  /** Returns whether the attributes have NO_LLGR, from the peer or from policy. */
  private mustNotLast(accepted: AttrsId): boolean {
    return this.attrs.hasCommunity(accepted, wellKnownCommunities.no_llgr);
  }
}
