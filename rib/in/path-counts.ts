import { type AttrsId, none, type PathId, type PrefixId } from '#policy/ids.ts';
import { comparePrefixes } from '#policy/prefix-bits.ts';
import { limitBlocked } from '#policy/reasons.ts';
import type { FamilyTables } from '../family-tables.ts';
import type { PeerCounts, RibPeer } from '../rib-peer.ts';
import { scratchPrefix } from '../tables/prefix-table.ts';
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
   * Moves the path from its old state to the new one in the counts; the columns still hold the old one. `isFromUpdate` means
   * that an UPDATE has brought it, so that a refusal counts even if it was refused before.
   */
  judged(
    counts: PeerCounts,
    path: PathId,
    accepted: AttrsId,
    reason: number,
    isFromUpdate: boolean,
  ): void {
    const { paths, siblings } = this.tables;
    const wasAccepted = paths.accepted(path) !== none;
    const oldReason = paths.reason(path);
    if (wasAccepted !== (accepted !== none) && !siblings.hasAccepted(path)) {
      counts.accepted += wasAccepted ? -1 : 1;
    }
    const isRefusal = isFromUpdate || (reason !== oldReason && reason !== limitBlocked);
    if (reason !== 0 && isRefusal) counts.rejected[reason]++;
    if (reason === oldReason) return;
    if (oldReason === limitBlocked) this.unblock(counts, path);
    if (reason === limitBlocked) this.block(counts, path);
  }

  /** To be called when the path is removed, now or soon; it is not marked as former yet. */
  gone(peer: RibPeer, path: PathId): void {
    const { paths, siblings, family } = this.tables;
    const counts = peer.counts[family];
    const wasAccepted = paths.accepted(path) !== none;
    if (!siblings.has(path)) counts.received--;
    if (wasAccepted && !siblings.hasAccepted(path)) counts.accepted--;
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

  private block(counts: PeerCounts, path: PathId): void {
    const { siblings } = this.tables;
    counts.blockedQueue ??= new BlockedQueue(this.places, (a, b) => this.comesBefore(a, b));
    counts.blockedQueue.add(path);
    if (!siblings.hasRefused(path, limitBlocked)) counts.blocked++;
  }

  private unblock(counts: PeerCounts, path: PathId): void {
    counts.blockedQueue?.remove(path);
    this.countUnblocked(counts, path);
  }

  private countUnblocked(counts: PeerCounts, path: PathId): void {
    const { siblings } = this.tables;
    if (!siblings.hasRefused(path, limitBlocked)) counts.blocked--;
    if (counts.blocked === 0) counts.isOverLimit = false;
  }

  private comesBefore(a: PathId, b: PathId): boolean {
    const { paths, prefixes } = this.tables;
    const prefixOfA = prefixes.read(paths.prefix(a), this.scratch);
    const order = comparePrefixes(prefixOfA, prefixes.read(paths.prefix(b), this.otherScratch));
    return (order || paths.pathId(a) - paths.pathId(b)) < 0;
  }
}
