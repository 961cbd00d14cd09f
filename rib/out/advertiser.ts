import {
  type AttrsId,
  none,
  type PeerId,
  type PeerSetId,
  type PrefixId,
  type ShareId,
} from '#policy/ids.ts';
import { RefreshSubtype } from '#wire/message.ts';
import type { RibPeer } from '../rib-peer.ts';
import { Slice } from '../slice.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import { IdBits } from '../tables/id-bits.ts';
import { maskOf, membersOf, type PeerMask } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';
import type { Tables } from '../tables/tables.ts';
import { CatchUp } from './catch-up.ts';
import type { Exports } from './exports.ts';
import { StagedChanges } from './staged-changes.ts';
import { type RibOutput, type UpdateGroup, UpdateGroups } from './update-group.ts';

/** Most bytes handed over in one piece: large enough to be cheap, small enough to be fair. */
const pieceBytes = 256 * 1024;

/**
 * The second half of the walk, one family: takes dirty prefixes, shares them out, and writes what
 * changed, once for each update group. Peers that are new, refreshing or slow catch up on their own.
 */
export class Advertiser {
  private readonly tables: Tables;
  private readonly shares: ShareTable;
  private readonly exports: Exports;
  private readonly output: RibOutput;
  /** Prefixes written to the shared stream since the start. */
  readonly written = { announced: 0, withdrawn: 0 };
  private readonly groups: UpdateGroups;
  private readonly peers = new Map<PeerId, RibPeer>();
  private readonly catchUps = new Map<PeerId, CatchUp>();
  /** Peers that came while nothing was shared out: on the shared stream, End-of-RIB to follow. */
  private readonly endOfRibDue = new Set<RibPeer>();
  private readonly staged: StagedChanges;
  /** What is staged is on its way to the groups; absent while nothing is. */
  private delivery: Iterator<void> | undefined;
  /** Prefixes whose withdrawal is staged keep their id. */
  private readonly leaving = new IdBits();

  constructor(
    tables: Tables,
    attrs: AttrTable,
    shares: ShareTable,
    exports: Exports,
    output: RibOutput,
  ) {
    this.tables = tables;
    this.groups = new UpdateGroups(attrs, tables.prefixes);
    this.shares = shares;
    this.staged = new StagedChanges(shares);
    this.exports = exports;
    this.output = output;
    tables.adjRibOut.await(this.leaving);
  }

  /** The session is Established: the peer gets the whole table, then End-of-RIB. */
  join(peer: RibPeer): void {
    const leaving = this.catchUps.get(peer.id);
    if (leaving?.isLeaving === true) {
      leaving.isToRejoin = true;
      return;
    }
    const group = this.groups.of(peer);
    this.peers.set(peer.id, peer);
    if (this.tables.adjRibOut.isEmpty && !this.isDelivering) {
      group.synced |= maskOf(peer.id);
      this.endOfRibDue.add(peer);
      return;
    }
    const catchUp = this.startCatchUp(peer);
    catchUp.owesEndOfRib = true;
    this.awaitAll(catchUp);
  }

  leave(peer: RibPeer): void {
    if (!this.peers.delete(peer.id)) return;
    const group = this.groups.of(peer);
    group.synced &= ~maskOf(peer.id);
    this.endOfRibDue.delete(peer);
    this.endCatchUp(peer.id);
  }

  /** The session stays, and all that the peer may hold is withdrawn: from then on it is sent nothing. */
  takeBack(peer: RibPeer): void {
    if (!this.peers.has(peer.id)) return;
    const catchUp = this.catchUps.get(peer.id) ?? this.startCatchUp(peer);
    catchUp.isToRejoin = false;
    if (catchUp.isLeaving) return;
    catchUp.isLeaving = true;
    catchUp.owesEndOfRib = false;
    this.awaitAll(catchUp);
  }

  /** Sends everything again (RFC 2918); between BoRR and EoRR where `enhanced` (RFC 7313). */
  refresh(peer: RibPeer, enhanced: boolean): void {
    if (!this.peers.has(peer.id)) return;
    const known = this.catchUps.get(peer.id);
    const catchUp = known ?? this.startCatchUp(peer);
    const isFirst = catchUp.owesEndOfRib;
    if (isFirst || known?.mustFinishFirst === true) return catchUp.askAgain(enhanced);
    if (enhanced && !catchUp.owesEndOfRefresh) {
      this.output.sendRouteRefresh(peer.id, this.tables.family, RefreshSubtype.begin);
      catchUp.owesEndOfRefresh = true;
    }
    if (known === undefined) this.awaitAll(catchUp);
  }

  /** A peer that reads too slowly leaves the shared stream; when it can go on, it catches up. */
  setLagging(peer: RibPeer, isLagging: boolean): void {
    if (!this.peers.has(peer.id)) return;
    let catchUp = this.catchUps.get(peer.id);
    if (catchUp === undefined && !isLagging) return;
    catchUp ??= this.startCatchUp(peer);
    catchUp.isPaused = isLagging;
  }

  /** Whether the peer is owed more than what is delivered to everybody. */
  isBehind(peer: PeerId): boolean {
    return this.catchUps.has(peer);
  }

  /** Whether `run` has anything to do. */
  get hasWork(): boolean {
    if (this.isDelivering || this.tables.dirty.size > 0 || this.endOfRibDue.size > 0) return true;
    for (const catchUp of this.catchUps.values()) if (!catchUp.isPaused) return true;
    return false;
  }

  /** Staged changes name ids that no column does yet. */
  get isDelivering(): boolean {
    return this.delivery !== undefined;
  }

  /**
   * Advertises changes of at most `budget` prefixes, and as many for each that catches up; once `isLate`,
   * a few of each. `mayEndRib`: every prefix that is to be shared out anew is dirty.
   */
  run(budget: number, isLate: () => boolean, mayEndRib: boolean): void {
    this.deliver(isLate);
    if (!this.isDelivering && this.tables.dirty.size > 0) {
      this.stageDirty(new Slice(budget, isLate));
      if (!this.staged.isEmpty) this.delivery = this.delivering();
      this.deliver(isLate);
    }
    const isWhole = mayEndRib && !this.isDelivering && this.tables.dirty.size === 0;
    if (isWhole) this.endRib();
    this.feedAll(budget, isLate, isWhole);
  }

  /** After ids were freed. */
  forget(): void {
    for (const group of this.groups) group.forget();
  }

  private stageDirty(slice: Slice): void {
    const { dirty, adjRibOut } = this.tables;
    while (slice.take()) {
      const prefix = dirty.take();
      if (prefix === none) return;
      const from = adjRibOut.share(prefix);
      const to = this.exports.shareOf(prefix);
      if (from === to) {
        this.tables.releaseIfUnused(prefix);
        continue;
      }
      adjRibOut.replace(prefix, to, this.shares);
      this.stage(prefix, from, to);
    }
  }

  /** Files the prefix under what changes for whom. */
  private stage(prefix: PrefixId, from: ShareId, to: ShareId): void {
    const { shares } = this;
    const isOneCell = to !== none && shares.rest(to) === none;
    const wasSameSet = shares.rest(from) === none && shares.set(from) === shares.set(to);
    if (isOneCell && (from === none || wasSameSet)) {
      this.staged.add(to, prefix, from === none);
      return;
    }
    for (let cell = to; cell !== none; cell = shares.rest(cell)) {
      const attrs = shares.attrs(cell);
      let mask = shares.mask(cell);
      for (let old = from; old !== none; old = shares.rest(old)) {
        if (shares.attrs(old) === attrs) mask &= ~shares.mask(old);
      }
      this.stageFor(mask, attrs, prefix, from === none);
    }
    const losers = shares.everyone(from) & ~shares.everyone(to);
    if (losers !== 0n) this.leaving.add(prefix);
    this.stageFor(losers, none as AttrsId, prefix, false);
  }

  private stageFor(mask: PeerMask, attrs: AttrsId, prefix: PrefixId, isNew: boolean): void {
    if (mask === 0n) return;
    this.staged.add(this.shares.cons(mask, attrs, none as ShareId), prefix, isNew);
  }

  /** Goes on until all that is staged is written, or it is late. */
  private deliver(isLate: () => boolean): void {
    while (this.delivery !== undefined) {
      if (this.delivery.next().done === true) this.delivery = undefined;
      else if (isLate()) return;
    }
  }

  /**
   * Writes what is staged to those on the shared stream. Between two steps peers may come, go and fall
   * behind; the Adj-RIB-Out stays as it is, so that being told twice tells nothing else.
   */
  private *delivering(): Generator<void, void> {
    const { staged } = this;
    const cells = staged.ordered();
    for (const catchUp of this.catchUps.values()) this.defer(catchUp, true);
    for (const group of this.groups) {
      if (group.synced !== 0n) yield* this.deliveringTo(group, cells);
    }
    for (const cell of cells) {
      if (this.shares.attrs(cell as ShareId) === none) this.releaseAll(cell as ShareId);
    }
    staged.clear();
  }

  private releaseAll(cell: ShareId): void {
    const { staged, tables } = this;
    for (let link = staged.first(cell); link !== none; link = staged.next(link)) {
      this.leaving.delete(staged.prefix(link));
      tables.releaseIfUnused(staged.prefix(link));
    }
  }

  /** Steps end only where nothing is left in the group's writer. */
  private *deliveringTo(group: UpdateGroup, cells: Uint32Array): Generator<void, void> {
    const { shares } = this;
    let readers: readonly PeerId[] = [];
    let mask = 0n;
    let set = none as PeerSetId;
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i] as ShareId;
      if (group.pendingBytes > pieceBytes) {
        this.flush(group, readers);
        set = none as PeerSetId;
        yield;
      }
      if (shares.set(cell) !== set) {
        set = shares.set(cell);
        if ((shares.mask(cell) & group.synced) !== mask) {
          if (this.flush(group, readers)) yield;
          mask = shares.mask(cell) & group.synced;
          readers = mask === shares.mask(cell) ? shares.members(set) : membersOf(mask);
        }
      }
      if (readers.length > 0) this.write(group, cell);
    }
    if (this.flush(group, readers)) yield;
  }

  private write(group: UpdateGroup, cell: ShareId): void {
    const { shares, staged } = this;
    const kind = shares.attrs(cell) === none ? 'withdrawn' : 'announced';
    const before = group[kind];
    group.begin(shares.attrs(cell));
    for (let link = staged.first(cell); link !== none; link = staged.next(link)) {
      group.add(staged.prefix(link));
    }
    group.end();
    this.written[kind] += group[kind] - before;
  }

  /** A peer that catches up awaits what the others are sent now. `areUnsent`: nobody has had it yet. */
  private defer(catchUp: CatchUp, areUnsent: boolean): void {
    const { shares, staged } = this;
    const mask = maskOf(catchUp.peer.id);
    for (const cell of staged.ordered()) {
      if ((shares.mask(cell as ShareId) & mask) === 0n) continue;
      const isWithdrawal = shares.attrs(cell as ShareId) === none;
      for (let link = staged.first(cell as ShareId); link !== none; link = staged.next(link)) {
        const prefix = staged.prefix(link);
        if (isWithdrawal) catchUp.withdraw(prefix);
        else if (!catchUp.isLeaving) catchUp.add(prefix, areUnsent && staged.isNew(link));
      }
    }
  }

  /** One after the other as far as there is time; who has had a turn goes to the end of the row. */
  private feedAll(budget: number, isLate: () => boolean, isWhole: boolean): void {
    const row = [...this.catchUps.values()];
    for (const catchUp of row) {
      if (catchUp.isPaused) continue;
      this.feed(catchUp, new Slice(budget, isLate));
      if (catchUp.isDone && (isWhole || !catchUp.owesEndOfRib)) this.complete(catchUp);
      else this.moveToEnd(catchUp);
      if (isLate()) return;
    }
  }

  private moveToEnd(catchUp: CatchUp): void {
    this.catchUps.delete(catchUp.peer.id);
    this.catchUps.set(catchUp.peer.id, catchUp);
  }

  private feed(catchUp: CatchUp, slice: Slice): void {
    const { tables, shares } = this;
    const { peer } = catchUp;
    const group = this.groups.of(peer);
    let attrs: AttrsId | undefined;
    while (slice.take()) {
      const prefix = catchUp.take(tables);
      if (prefix === none) break;
      const share = catchUp.isLeaving ? none : tables.adjRibOut.share(prefix);
      const wanted = shares.attrsFor(share as ShareId, peer.id);
      if (wanted !== attrs) group.begin(wanted);
      attrs = wanted;
      group.add(prefix);
      if (attrs === none) tables.releaseIfUnused(prefix);
    }
    group.end();
    this.flush(group, [peer.id]);
  }

  private endRib(): void {
    for (const peer of this.endOfRibDue) {
      const group = this.groups.of(peer);
      group.writeEndOfRib();
      group.flush([peer.id], this.output);
    }
    this.endOfRibDue.clear();
  }

  /** The peer has everything: back to the shared stream. */
  private complete(catchUp: CatchUp): void {
    const { peer, owesEndOfRib, owesEndOfRefresh, refreshAsked } = catchUp;
    const group = this.groups.of(peer);
    if (owesEndOfRib) group.writeEndOfRib();
    group.flush([peer.id], this.output);
    if (owesEndOfRefresh) {
      this.output.sendRouteRefresh(peer.id, this.tables.family, RefreshSubtype.end);
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
    const { shares, tables } = this;
    const { id } = catchUp.peer;
    let [share, isWanted] = [none as ShareId, false];
    catchUp.addAll(tables.prefixes.limit, (prefix) => {
      const next = tables.adjRibOut.share(prefix);
      if (next !== share) [share, isWanted] = [next, shares.attrsFor(next, id) !== none];
      return isWanted;
    });
  }

  private startCatchUp(peer: RibPeer): CatchUp {
    const catchUp = new CatchUp(peer);
    catchUp.owesEndOfRib = this.endOfRibDue.delete(peer);
    this.catchUps.set(peer.id, catchUp);
    this.tables.adjRibOut.await(catchUp);
    const group = this.groups.of(peer);
    // What is on its way to the shared stream may not have come to this peer yet.
    if (this.isDelivering && (group.synced & maskOf(peer.id)) !== 0n) this.defer(catchUp, false);
    group.synced &= ~maskOf(peer.id);
    return catchUp;
  }

  private endCatchUp(peer: PeerId): void {
    const catchUp = this.catchUps.get(peer);
    if (catchUp === undefined) return;
    this.catchUps.delete(peer);
    this.tables.adjRibOut.unawait(catchUp);
    catchUp.each((prefix) => this.tables.releaseIfUnused(prefix));
  }

  /** Hands over what was written, and counts it; false: nothing was. */
  private flush(group: UpdateGroup, readers: readonly PeerId[]): boolean {
    const { announced, withdrawn } = group;
    for (const id of readers) {
      const counts = this.peers.get(id)?.counts[this.tables.family];
      if (counts === undefined) continue;
      counts.announcedOut += announced;
      counts.withdrawnOut += withdrawn;
    }
    return group.flush(readers, this.output);
  }
}
