import { none, type PathId } from '#policy/ids.ts';
import type { FamilyTables } from '../family-tables.ts';
import type { PeerCounts, RibPeer } from '../rib-peer.ts';
import { Slice, type Task } from '../work/slice.ts';
import type { Limits } from './limits.ts';

/** The part of Adj-RIB-In that waiting paths use. */
interface WaitingOwner {
  readonly limits: Limits;
  /** Judges a path again because a limit may have space for it. */
  admit(peer: RibPeer, path: PathId): void;
}

/** How many paths are let in at once, which is all of them unless a limit is raised or a table of paths is removed. */
const mostAtOnce = 256;

/**
 * Paths of one family that a limit holds back, and that come in when it has space: those beyond `maxPathsPerPrefix`
 * lowest identifier first, all others in order of address, then length. A few come in at once, more than that in
 * slices.
 */
export class WaitingPaths {
  /** Called with a task that lets in the paths for which there is space and that did not come in at once. */
  onLeftOver: ((task: Task) => void) | undefined;
  private readonly tables: FamilyTables;
  private readonly owner: WaitingOwner;
  private readonly mostAtOnce: number;

  constructor(tables: FamilyTables, owner: WaitingOwner, atOnce = mostAtOnce) {
    this.tables = tables;
    this.owner = owner;
    this.mostAtOnce = atOnce;
  }

  /** Lets in what there is space for; leaves it to `admitting` while that is queued. */
  admitAll(peer: RibPeer): void {
    this.admitSome(peer, true);
  }

  /** As `admitAll`, but leaves places of a prefix free, because other paths of it may be about to take them. */
  admitBlocked(peer: RibPeer): void {
    this.admitSome(peer, false);
  }

  /** Returns a task that lets in what there is space for; until it is done, nothing else lets it in. */
  admitting(peer: RibPeer): Task {
    const counts = this.countsOf(peer);
    counts.isAdmitting = true;
    return {
      step: (slice) => {
        const isDone = this.fillPrefixes(peer, slice) && this.fillLimits(peer, slice);
        counts.isAdmitting = !isDone;
        return isDone;
      },
    };
  }

  private admitSome(peer: RibPeer, withPrefixes: boolean): void {
    if (this.countsOf(peer).isAdmitting) return;
    const slice = new Slice(this.mostAtOnce);
    const isDone =
      (!withPrefixes || this.fillPrefixes(peer, slice)) && this.fillLimits(peer, slice);
    if (!isDone) this.onLeftOver?.(this.admitting(peer));
  }

  /** Accepts paths that `maxPathsPerPrefix` kept out, lowest identifier first. Returns whether that is done. */
  private fillPrefixes(peer: RibPeer, slice: Slice): boolean {
    const { siblings } = this.tables;
    const { withPathRoom } = this.countsOf(peer);
    for (const prefix of withPathRoom) {
      if (!slice.take()) return false;
      let path = siblings.firstWaiting(prefix, peer.id);
      while (path !== none && this.takeOne(peer, path)) {
        if (!slice.take()) return false;
        path = siblings.firstWaiting(prefix, peer.id);
      }
      withPathRoom.delete(prefix);
    }
    return true;
  }

  /** Accepts the path if there is a place for it, or forgets a former one. Returns whether it no longer waits. */
  private takeOne(peer: RibPeer, path: PathId): boolean {
    const { paths, siblings } = this.tables;
    if (paths.isFormer(path)) siblings.stopWaiting(path);
    else if (this.owner.limits.hasAllPaths(peer, path)) return false;
    else this.owner.admit(peer, path);
    return true;
  }

  /** Accepts what other limits held back, in order, as far as there is space. Returns whether that is done. */
  private fillLimits(peer: RibPeer, slice: Slice): boolean {
    const { limits } = this.owner;
    const counts = this.countsOf(peer);
    if (counts.blocked === 0) return true;
    const { blockedQueue } = counts;
    for (let path = blockedQueue?.first(); path !== undefined; path = blockedQueue?.first()) {
      const isFormer = this.tables.paths.isFormer(path);
      if (!isFormer && !limits.hasRoom(peer, counts, path)) break;
      if (!slice.take()) return false;
      if (isFormer) blockedQueue?.remove(path);
      else this.owner.admit(peer, path);
      if (blockedQueue?.first() === path) break;
    }
    if (counts.blocked > 0) limits.reportBlocked(peer, counts);
    return true;
  }

  private countsOf(peer: RibPeer): PeerCounts {
    return peer.counts[this.tables.family];
  }
}
