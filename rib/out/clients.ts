import type { PathId, PeerId, PrefixId } from '#policy/ids.ts';
import type { Family } from '#wire/constants.ts';
import { RefreshSubtype } from '#wire/message.ts';
import type { FamilyTables } from '../family-tables.ts';
import type { RibPeer } from '../rib-peer.ts';
import { maskOf } from '../tables/peer-sets.ts';
import { Slice } from '../work/slice.ts';
import { CatchUp } from './catch-up.ts';
import type { PathSelection } from './path-selection.ts';
import type { StagedChanges } from './staged-changes.ts';
import type { RibOutput, UpdateGroup, UpdateGroups } from './update-group.ts';

/** The parts of an advertiser that its clients use. */
export interface ClientParts {
  readonly tables: FamilyTables;
  readonly selection: PathSelection;
  readonly staged: StagedChanges;
  readonly groups: UpdateGroups;
  readonly output: RibOutput;
}

/**
 * The clients of one family that are sent the same selection of paths. Each is on the shared stream, where all clients
 * of an update group are written the same bytes, or it catches up on its own because it is new, asks for a refresh,
 * reads slowly, or is to lose everything that it has been sent.
 */
export class Clients {
  private readonly parts: ClientParts;
  private readonly family: Family;
  private readonly peers = new Map<PeerId, RibPeer>();
  private readonly catchUps = new Map<PeerId, CatchUp>();
  /**
   * Peers that came while there was nothing to send: they are on the shared stream, and End-of-RIB is still to follow.
   */
  private readonly endOfRibDue = new Set<RibPeer>();

  constructor(parts: ClientParts) {
    this.parts = parts;
    this.family = parts.tables.family;
  }

  has(peer: PeerId): boolean {
    return this.peers.has(peer);
  }

  /** To be called when the session is Established: the peer is sent the whole table, then End-of-RIB. */
  join(peer: RibPeer): void {
    const leaving = this.catchUps.get(peer.id);
    if (leaving?.isLeaving === true) {
      leaving.isToRejoin = true;
      return;
    }
    this.peers.set(peer.id, peer);
    const { selection, staged } = this.parts;
    if (selection.isEmpty && staged.isEmpty) {
      this.groupOf(peer).synced |= maskOf(peer.id);
      this.endOfRibDue.add(peer);
      return;
    }
    const catchUp = this.startCatchUp(peer);
    catchUp.owesEndOfRib = true;
    this.awaitAll(catchUp);
  }

  leave(peer: RibPeer): void {
    if (!this.peers.delete(peer.id)) return;
    this.groupOf(peer).synced &= ~maskOf(peer.id);
    this.endOfRibDue.delete(peer);
    this.endCatchUp(peer.id);
  }

  /** The session stays, and everything that the peer may hold is withdrawn; from then on it is sent nothing. */
  takeBack(peer: RibPeer): void {
    if (!this.peers.has(peer.id)) return;
    const catchUp = this.catchUps.get(peer.id) ?? this.startCatchUp(peer);
    catchUp.isToRejoin = false;
    if (catchUp.isLeaving) return;
    catchUp.isLeaving = true;
    catchUp.owesEndOfRib = false;
    this.awaitAll(catchUp);
  }

  /** Sends everything again (RFC 2918); with `enhanced`, between BoRR and EoRR (RFC 7313). */
  refresh(peer: RibPeer, enhanced: boolean): void {
    if (!this.peers.has(peer.id)) return;
    const known = this.catchUps.get(peer.id);
    const catchUp = known ?? this.startCatchUp(peer);
    const isFirst = catchUp.owesEndOfRib;
    if (isFirst || known?.mustFinishFirst === true) return catchUp.askAgain(enhanced);
    if (enhanced && !catchUp.owesEndOfRefresh) {
      this.parts.output.sendRouteRefresh(peer.id, this.family, RefreshSubtype.begin);
      catchUp.owesEndOfRefresh = true;
    }
    if (known === undefined) this.awaitAll(catchUp);
  }

  /** A peer that reads too slowly leaves the shared stream; when it can continue, it catches up. */
  setLagging(peer: RibPeer, isLagging: boolean): void {
    if (!this.peers.has(peer.id)) return;
    let catchUp = this.catchUps.get(peer.id);
    if (catchUp === undefined && !isLagging) return;
    catchUp ??= this.startCatchUp(peer);
    catchUp.isPaused = isLagging;
  }

  /** Returns whether the peer is owed more than what is delivered to all clients. */
  isBehind(peer: PeerId): boolean {
    return this.catchUps.has(peer);
  }

  /** Returns whether the peer is still to be sent the path, and nothing if the path is withdrawn before. */
  isUnheld(peer: PeerId, prefix: PrefixId, path: PathId): boolean {
    const catchUp = this.catchUps.get(peer);
    return catchUp !== undefined && this.parts.selection.isUnheld(catchUp, prefix, path);
  }

  get hasWork(): boolean {
    if (this.endOfRibDue.size > 0) return true;
    for (const catchUp of this.catchUps.values()) if (!catchUp.isPaused) return true;
    return false;
  }

  /**
   * Makes clients that catch up await what is staged and not written yet. One step for each client, including those
   * that come meanwhile.
   */
  *deferring(): Generator<void, void> {
    for (const catchUp of this.catchUps.values()) {
      this.parts.selection.defer(catchUp, this.parts.staged, true);
      yield;
    }
  }

  /** Called when no changes are waiting: peers that came while there was nothing to send get their End-of-RIB. */
  endRib(): void {
    for (const peer of this.endOfRibDue) {
      const group = this.groupOf(peer);
      group.writeEndOfRib();
      group.flush([peer.id], this.parts.output);
    }
    this.endOfRibDue.clear();
  }

  /**
   * Feeds the clients that catch up, one after the other as far as there is time; one that has had a turn goes to the
   * end of the queue. `isWhole` means that everything has been put into the Adj-RIB-Out, so that End-of-RIB may follow.
   */
  feedAll(budget: number, isLate: () => boolean, isWhole: boolean): void {
    const row = [...this.catchUps.values()];
    for (const catchUp of row) {
      if (catchUp.isPaused) continue;
      this.feed(catchUp, new Slice(budget, isLate));
      if (catchUp.isDone && (isWhole || !catchUp.owesEndOfRib)) this.complete(catchUp);
      else this.moveToEnd(catchUp);
      if (isLate()) return;
    }
  }

  /** Hands what was written to its readers, and counts it; returns false if nothing was written. */
  flush(group: UpdateGroup, readers: readonly PeerId[]): boolean {
    const { announced, withdrawn } = group;
    for (const id of readers) {
      const counts = this.peers.get(id)?.counts[this.family];
      if (counts === undefined) continue;
      counts.announcedOut += announced;
      counts.withdrawnOut += withdrawn;
    }
    return group.flush(readers, this.parts.output);
  }

  private feed(catchUp: CatchUp, slice: Slice): void {
    const group = this.groupOf(catchUp.peer);
    this.parts.selection.feed(catchUp, group, slice);
    this.flush(group, [catchUp.peer.id]);
  }

  private moveToEnd(catchUp: CatchUp): void {
    this.catchUps.delete(catchUp.peer.id);
    this.catchUps.set(catchUp.peer.id, catchUp);
  }

  /** The peer has everything and returns to the shared stream. */
  private complete(catchUp: CatchUp): void {
    const { peer, owesEndOfRib, owesEndOfRefresh, refreshAsked } = catchUp;
    const group = this.groupOf(peer);
    if (owesEndOfRib) group.writeEndOfRib();
    group.flush([peer.id], this.parts.output);
    if (owesEndOfRefresh) {
      this.parts.output.sendRouteRefresh(peer.id, this.family, RefreshSubtype.end);
    }
    if (catchUp.isLeaving) {
      this.leave(peer);
      if (!catchUp.isToRejoin) return;
      this.join(peer);
    } else {
      this.endCatchUp(peer.id);
      group.synced |= maskOf(peer.id);
    }
    if (refreshAsked !== undefined) this.refresh(peer, refreshAsked === 'enhanced');
  }

  private awaitAll(catchUp: CatchUp): void {
    const { tables, selection } = this.parts;
    catchUp.addAll(tables.prefixes.limit, () => selection.wantedBy(catchUp.peer.id));
  }

  private startCatchUp(peer: RibPeer): CatchUp {
    const catchUp = new CatchUp(peer);
    catchUp.owesEndOfRib = this.endOfRibDue.delete(peer);
    this.catchUps.set(peer.id, catchUp);
    const { tables, selection, staged } = this.parts;
    tables.adjRibOut.await(catchUp);
    const group = this.groupOf(peer);
    // What is on its way to the shared stream may not have reached this peer yet.
    if ((group.synced & maskOf(peer.id)) !== 0n) selection.defer(catchUp, staged, false);
    group.synced &= ~maskOf(peer.id);
    return catchUp;
  }

  private endCatchUp(peer: PeerId): void {
    const catchUp = this.catchUps.get(peer);
    if (catchUp === undefined) return;
    this.catchUps.delete(peer);
    const { tables } = this.parts;
    tables.adjRibOut.unawait(catchUp);
    catchUp.each((prefix) => tables.releaseIfUnused(prefix));
  }

  private groupOf(peer: RibPeer): UpdateGroup {
    return this.parts.groups.of(peer);
  }
}
