import { none, type PathId, type PeerId } from '#policy/ids.ts';
import type { FamilyTables } from '../family-tables.ts';
import type { PeerCounts, RibPeer } from '../rib-peer.ts';
import type { Task } from '../work/slice.ts';
import { eachPathOf, Walk } from '../work/task.ts';

/** The part of Adj-RIB-In that leaving paths use. */
interface LeavingOwner {
  takeOut(peer: RibPeer, path: PathId): void;
}

/** When a best path is removed, up to this many other paths of its peer and prefix are removed with it. */
const mostAtOnce = 16;

/**
 * Paths of one family that will be removed because their session has ended, or because they were stale and their time
 * is over. They are removed in slices and stay in use until then. Nothing counts them any more, so that the peer may be
 * back and announce anything while its *former* paths are still being removed.
 */
export class LeavingPaths {
  private readonly tables: FamilyTables;
  private readonly owner: LeavingOwner;
  private readonly walks = new Map<PeerId, Walk>();
  /** Peers of which all paths are leaving. */
  private readonly away = new Set<PeerId>();

  constructor(tables: FamilyTables, owner: LeavingOwner) {
    this.tables = tables;
    this.owner = owner;
  }

  has(path: PathId): boolean {
    if (this.walks.size === 0) return false;
    const { paths } = this.tables;
    return paths.isFormer(path) || this.away.has(paths.peer(path));
  }

  /** Makes everything that the peer has announced leave; it must announce nothing until `comeBack`. */
  flush(peer: RibPeer): Task {
    const counts = this.countsOf(peer);
    counts.isFlushing = true;
    this.away.add(peer.id);
    counts.forgetPaths();
    return this.begin(peer);
  }

  /** Begins a new session: what is left of the earlier one is marked as former, in one walk over the rows. */
  comeBack(peer: RibPeer): void {
    if (!this.away.delete(peer.id)) return;
    const counts = this.countsOf(peer);
    counts.isFlushing = false;
    counts.hasFormer = true;
    this.tables.paths.leaveAll(peer.id);
  }

  /** To be called when some paths of the peer have been marked as former. */
  begin(peer: RibPeer): Task {
    const counts = this.countsOf(peer);
    counts.hasFormer ||= !counts.isFlushing;
    this.walks.get(peer.id)?.cancel();
    const walk: Walk = new Walk(this.tables.because.keep(this.rows(peer, () => this.end(peer))));
    this.walks.set(peer.id, walk);
    return walk;
  }

  private end(peer: RibPeer): void {
    const counts = this.countsOf(peer);
    this.walks.delete(peer.id);
    this.away.delete(peer.id);
    counts.isFlushing = false;
    counts.hasFormer = false;
  }

  /**
   * If a path is the best of its prefix, the peer's other paths of it are removed first, so that the prefix is decided
   * once and not for each of them. If there are many, the best path waits for a second walk.
   */
  private rows(peer: RibPeer, done: () => void): Task {
    let haveWaited = false;
    const first = eachPathOf(this.tables, peer.id, (path) => {
      if (!this.has(path)) return;
      if (this.goesFirst(peer, path)) this.owner.takeOut(peer, path);
      else haveWaited = true;
    });
    const second = eachPathOf(this.tables, peer.id, (path) => {
      if (this.has(path)) this.owner.takeOut(peer, path);
    });
    let isSecond = false;
    return {
      step: (slice) => {
        isSecond ||= first.step(slice);
        const isDone = isSecond && (!haveWaited || second.step(slice));
        if (isDone) done();
        return isDone;
      },
    };
  }

  /** Returns whether the path may be removed now, if necessary after others of its peer and prefix. */
  private goesFirst(peer: RibPeer, path: PathId): boolean {
    const { paths, siblings, locRib } = this.tables;
    const prefix = paths.prefix(path);
    if (!locRib.isBest(prefix, path)) return true;
    const others = siblings.accepted(path);
    if (others > mostAtOnce) return false;
    if (others > 0) this.removeOthers(peer, path);
    return true;
  }

  private removeOthers(peer: RibPeer, path: PathId): void {
    const { paths } = this.tables;
    let other = paths.acceptedFrom(paths.first(paths.prefix(path)));
    while (other !== none) {
      const next = paths.acceptedFrom(paths.next(other));
      const leaves = other !== path && paths.peer(other) === peer.id && this.has(other);
      if (leaves) this.owner.takeOut(peer, other);
      other = next;
    }
  }

  private countsOf(peer: RibPeer): PeerCounts {
    return peer.counts[this.tables.family];
  }
}
