import { type AttrsId, none, type PathId, type PrefixId } from '#policy/ids.ts';
import { comparePrefixes } from '#policy/prefix-bits.ts';
import { limitBlocked, limitPaths } from '#policy/reasons.ts';
import type { FamilyTables } from '../family-tables.ts';
import type { PeerCounts, RibPeer } from '../rib-peer.ts';
import type { Counted } from '../tables/path-siblings.ts';
import { scratchPrefix } from '../tables/prefix-table.ts';
import { isStale } from '../tables/staleness.ts';
import { BlockedQueue, QueuePlaces } from './blocked-queue.ts';

/**
 * Keeps the counts of peers for one family: each prefix counts once, however many paths of it the peer has; and what
 * waits for space. Paths that leave stop counting as soon as it is known that they will.
 */
export class PathCounts {
  private readonly tables: FamilyTables;
  private readonly places = new QueuePlaces();
  private readonly scratch;
  private readonly otherScratch;

  constructor(tables: FamilyTables) {
    this.tables = tables;
    this.scratch = scratchPrefix(tables.family);
    this.otherScratch = scratchPrefix(tables.family);
  }

  /**
   * Moves the path from its old state to the new one in the counts; the columns still hold the old one. `isFromUpdate`
   * means that an UPDATE has brought it, so that a refusal counts even if it was refused before.
   */
  judged(
    counts: PeerCounts,
    path: PathId,
    accepted: AttrsId,
    reason: number,
    isFromUpdate: boolean,
  ): void {
    const { paths } = this.tables;
    const wasAccepted = paths.accepted(path) !== none;
    const oldReason = paths.reason(path);
    if (wasAccepted !== (accepted !== none)) {
      this.count(counts, path, 'accepted', wasAccepted ? -1 : 1);
    }
    const isRefusal = isFromUpdate || (reason !== oldReason && reason !== limitBlocked);
    if (reason !== 0 && isRefusal) counts.rejected[reason]++;
    if (reason === oldReason) return;
    if (oldReason === limitBlocked) this.unblock(counts, path);
    if (reason === limitBlocked) this.block(counts, path);
    if (reason === limitPaths) this.noteSweepRoom(counts, path);
  }

  /** To be called for a new path while some of the peer are stale. */
  cameBesideStale(counts: PeerCounts, path: PathId): void {
    this.countLasting(counts, path, 'received', 1);
  }

  /** To be called when the peer announces a stale path again, which is marked as fresh already. */
  renewed(counts: PeerCounts, path: PathId): void {
    const { paths } = this.tables;
    const reason = paths.reason(path);
    this.countLasting(counts, path, 'received', 1);
    if (paths.accepted(path) !== none) this.countLasting(counts, path, 'accepted', 1);
    else if (reason === limitBlocked) this.countLasting(counts, path, 'blocked', 1);
    if (reason === limitPaths) this.noteSweepRoom(counts, path);
  }

  /** To be called when the path is removed, now or soon; it is not marked as former yet. */
  gone(peer: RibPeer, path: PathId): void {
    const { paths, family } = this.tables;
    const counts = peer.counts[family];
    const wasAccepted = paths.accepted(path) !== none;
    this.count(counts, path, 'received', -1);
    if (wasAccepted) this.count(counts, path, 'accepted', -1);
    if (paths.reason(path) === limitBlocked) this.countUnblocked(counts, path);
    if (wasAccepted) this.notePathRoom(peer, paths.prefix(path));
  }

  /**
   * To be called when a path that is `gone` is removed. Only now does it leave the queue: half a million that are
   * gone at once took 100 ms.
   */
  takenOut({ counts }: RibPeer, path: PathId): void {
    const { blockedQueue } = counts[this.tables.family];
    if (blockedQueue?.has(path) === true) blockedQueue.remove(path);
  }

  /** When an accepted path of the prefix is no longer accepted, others may be waiting for its place. */
  notePathRoom({ settings, counts }: RibPeer, prefix: PrefixId): void {
    if (settings.maxPathsPerPrefix === undefined) return;
    counts[this.tables.family].withPathRoom.add(prefix);
  }

  /** As `notePathRoom`, for a path that waits for places of stale ones: once they are swept. */
  private noteSweepRoom(counts: PeerCounts, path: PathId): void {
    if (counts.stale > 0) counts.withSweepRoom.add(this.tables.paths.prefix(path));
  }

  /** Counts the prefix of the path, or no longer, unless it counts because of another path of the peer. */
  private count(counts: PeerCounts, path: PathId, as: Counted, by: 1 | -1): void {
    if (!this.tables.siblings.has(path, as)) counts[as] += by;
    if (counts.stale > 0) this.countLasting(counts, path, as, by);
  }

  /** Counts it among what the peer will have left if its stale paths are removed. */
  private countLasting(counts: PeerCounts, path: PathId, as: Counted, by: 1 | -1): void {
    const { paths, siblings } = this.tables;
    if (isStale(paths.staleness(path)) || siblings.hasLasting(path, as)) return;
    counts.lasting[as] += by;
  }

  private block(counts: PeerCounts, path: PathId): void {
    counts.blockedQueue ??= new BlockedQueue(this.places, (a, b) => this.comesBefore(a, b));
    counts.blockedQueue.add(path);
    this.count(counts, path, 'blocked', 1);
  }

  private unblock(counts: PeerCounts, path: PathId): void {
    counts.blockedQueue?.remove(path);
    this.countUnblocked(counts, path);
  }

  private countUnblocked(counts: PeerCounts, path: PathId): void {
    this.count(counts, path, 'blocked', -1);
    if (counts.blocked === 0) counts.isOverLimit = false;
  }

  private comesBefore(a: PathId, b: PathId): boolean {
    const { paths, prefixes } = this.tables;
    const prefixOfA = prefixes.read(paths.prefix(a), this.scratch);
    const order = comparePrefixes(prefixOfA, prefixes.read(paths.prefix(b), this.otherScratch));
    return (order || paths.pathId(a) - paths.pathId(b)) < 0;
  }
}
