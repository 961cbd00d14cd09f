import { none, type PathId, type PeerId } from '#policy/ids.ts';
import type { PeerCounts, RibPeer } from '../rib-peer.ts';
import type { Tables } from '../tables/tables.ts';
import { eachPathOf, type Task, Walk } from '../task.ts';

/** Adj-RIB-In, as far as paths that leave need it. */
interface LeavingOwner {
  takeOut(path: PathId): void;
}

/** Of a best path: as many others of its peer and prefix go with it at once. */
const mostAtOnce = 16;

/**
 * Paths of one family that are as good as gone: their session has ended, or they were stale and their time is over.
 * They go in slices, and serve until then. Nothing counts them any more, so that the peer may be back, and announce
 * what it likes, while its *former* paths go on leaving.
 */
export class LeavingPaths {
  private readonly tables: Tables;
  private readonly owner: LeavingOwner;
  private readonly walks = new Map<PeerId, Walk>();
  /** Peers all of whose paths leave. */
  private readonly away = new Set<PeerId>();

  constructor(tables: Tables, owner: LeavingOwner) {
    this.tables = tables;
    this.owner = owner;
  }

  has(path: PathId): boolean {
    if (this.walks.size === 0) return false;
    const { paths } = this.tables;
    return paths.isFormer(path) || this.away.has(paths.peer(path));
  }

  /** All that the peer has announced leaves; it must announce nothing until `comeBack`. */
  flush(peer: RibPeer): Task {
    const counts = this.countsOf(peer);
    counts.isFlushing = true;
    this.away.add(peer.id);
    counts.forgetPaths();
    return this.begin(peer);
  }

  /** A new session: what is left of the one before is marked, in one walk over the rows. */
  comeBack(peer: RibPeer): void {
    if (!this.away.delete(peer.id)) return;
    const counts = this.countsOf(peer);
    counts.isFlushing = false;
    counts.hasFormer = true;
    this.tables.paths.leaveAll(peer.id);
  }

  /** Some paths of the peer have been marked as former. */
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
   * Where a path is the best of its prefix the peer's other paths of it go first, so that the prefix is
   * decided once and not for each of them. Where those are many, it waits for a second walk.
   */
  private rows(peer: RibPeer, done: () => void): Task {
    let haveWaited = false;
    const first = eachPathOf(this.tables, peer.id, (path) => {
      if (!this.has(path)) return;
      if (this.goesFirst(peer, path)) this.owner.takeOut(path);
      else haveWaited = true;
    });
    const second = eachPathOf(this.tables, peer.id, (path) => {
      if (this.has(path)) this.owner.takeOut(path);
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

  /** Whether the path may go now, after others of its peer and prefix, if need be. */
  private goesFirst(peer: RibPeer, path: PathId): boolean {
    const { paths, locRib } = this.tables;
    const prefix = paths.prefix(path);
    if (!locRib.isBest(prefix, path)) return true;
    const others = paths.acceptedSiblings(path);
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
      if (leaves) this.owner.takeOut(other);
      other = next;
    }
  }

  private countsOf(peer: RibPeer): PeerCounts {
    return peer.counts[this.tables.family];
  }
}
