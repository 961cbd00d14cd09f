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

/** The attributes of a path that becomes long-lived stale, before and afterwards; absent: it is removed. */
interface Aged {
  readonly accepted: AttrsId;
  readonly longLived: AttrsId | undefined;
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
  /** What became of the path before, while no set can have been freed: paths with equal attributes come in runs. */
  private latest: Aged | undefined;

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
    const walk = followed(rows, () => this.settle(peer));
    return {
      step: (slice) => {
        this.latest = undefined;
        return walk.step(slice);
      },
    };
  }

  private age(peer: RibPeer, path: PathId): void {
    const { paths, locRib } = this.tables;
    const accepted = paths.accepted(path);
    if (accepted === none) return paths.setStaleness(path, Staleness.longLived);
    if (this.latest?.accepted !== accepted) this.latest = this.aged(accepted);
    const { longLived } = this.latest;
    if (longLived === undefined) return this.owner.remove(peer, path);
    paths.setStaleness(path, Staleness.longLived);
    paths.judge(path, longLived, 0);
    locRib.changed(paths.prefix(path), path, accepted);
  }

  /** Returns what becomes of a path with these attributes, which may have NO_LLGR from the peer or from policy. */
  private aged(accepted: AttrsId): Aged {
    const mustNotLast = this.attrs.hasCommunity(accepted, wellKnownCommunities.no_llgr);
    return { accepted, longLived: mustNotLast ? undefined : this.marked(accepted) };
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
    const isLongLived = this.tables.paths.staleness(path) === Staleness.longLived;
    return isLongLived ? this.marked(accepted) : accepted;
  }

  /** Returns the attributes with LLGR_STALE. */
  private marked(accepted: AttrsId): AttrsId {
    const { attrs } = this;
    if (attrs.isLongLivedStale(accepted)) return accepted;
    const route = attrs.read(accepted);
    return attrs.intern({
      ...route,
      communities: [...route.communities, wellKnownCommunities.llgr_stale],
    });
  }
}
