import {
  type AttrsId,
  none,
  type PathId,
  type PeerId,
  type PeerSetId,
  type PrefixId,
  type ShareId,
} from '#policy/ids.ts';
import type { FamilyTables } from '../family-tables.ts';
import { IdBits } from '../tables/ids/id-bits.ts';
import { maskOf, type PeerMask } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';
import type { Slice } from '../work/slice.ts';
import type { CatchUp } from './catch-up.ts';
import type { Exports } from './exports.ts';
import type { PathSelection } from './path-selection.ts';
import type { StagedChanges } from './staged-changes.ts';
import type { UpdateGroup } from './update-group.ts';

/** A path as a client is sent it: its own id is the path identifier; attributes are 0 for a withdrawal. */
interface PathOut {
  readonly prefix: PrefixId;
  readonly path: PathId;
  readonly attrs: AttrsId;
}

/** What a client that is catching up must be sent in addition to the paths of the prefixes that it awaits. */
interface PathDebts {
  /** Paths that it may hold and must lose; their prefixes are awaited. */
  readonly withdrawals: Map<PrefixId, Set<PathId>>;
  /** Paths that it awaits and has never been sent, so that they need no withdrawal. */
  readonly unheld: Set<PathId>;
  /** The remaining paths of the prefix that is being sent. */
  inHand: Iterator<PathOut, void> | undefined;
}

/**
 * Clients that take several paths of a prefix (RFC 7911) are sent every accepted one that they may have. A row of a
 * slice is a path: a prefix may have any number of them, and a slice may end within it. What changes before the next
 * slice makes the prefix dirty, or awaited, once more.
 */
export class EveryPath implements PathSelection {
  private readonly tables: FamilyTables;
  private readonly shares: ShareTable;
  private readonly exports: Exports;
  /** The paths of one prefix that are being staged. */
  private staging: Iterator<void, void> | undefined;
  /** Whether their prefix has changed in the network. */
  private isStagingUrgent = false;
  /** The prefix that is being staged, which keeps its id. */
  private readonly inHand = new IdBits();
  /** Paths that have left their chain, whose withdrawal is staged. */
  private gone: PathId[] = [];
  private readonly debts = new WeakMap<CatchUp, PathDebts>();

  constructor(tables: FamilyTables, shares: ShareTable, exports: Exports) {
    this.tables = tables;
    this.shares = shares;
    this.exports = exports;
    tables.adjRibOut.await(this.inHand);
  }

  get isEmpty(): boolean {
    return this.tables.sentPaths.isEmpty;
  }

  get hasChanges(): boolean {
    return this.staging !== undefined || this.tables.dirtyPaths.size > 0;
  }

  get isUrgent(): boolean {
    const isStagingUrgent = this.staging !== undefined && this.isStagingUrgent;
    return isStagingUrgent || this.tables.dirtyPaths.isUrgent;
  }

  stage(staged: StagedChanges, slice: Slice): void {
    while (slice.take()) {
      if (this.staging === undefined) {
        this.isStagingUrgent = this.tables.dirtyPaths.isUrgent;
        const prefix = this.tables.dirtyPaths.take();
        if (prefix === none) return;
        this.staging = this.stagingOf(prefix, staged);
      }
      const judgedRows = this.exports.judgedRows;
      if (this.staging.next().done === true) this.staging = undefined;
      slice.spend(this.exports.judgedRows - judgedRows);
    }
  }

  release(): void {
    for (const path of this.gone) this.tables.paths.free(path);
    this.gone = [];
  }

  wantedBy(peer: PeerId): (prefix: PrefixId) => boolean {
    return (prefix) => {
      const { paths } = this.tables;
      for (let path = paths.first(prefix); path !== none; path = paths.next(path)) {
        if (this.attrsTo(peer, path) !== none) return true;
      }
      return this.goneHeldBy(peer, prefix).length > 0;
    };
  }

  defer(catchUp: CatchUp, staged: StagedChanges, areUnsent: boolean): void {
    const { shares } = this;
    const mask = maskOf(catchUp.peer.id);
    let set = none as PeerSetId;
    let isMember = false;
    for (const id of staged.ordered()) {
      const cell = id as ShareId;
      if (shares.set(cell) !== set) {
        set = shares.set(cell);
        isMember = (shares.mask(cell) & mask) !== 0n;
      }
      if (isMember) this.deferCell(catchUp, staged, cell, areUnsent);
    }
  }

  private deferCell(
    catchUp: CatchUp,
    staged: StagedChanges,
    cell: ShareId,
    areUnsent: boolean,
  ): void {
    const isWithdrawal = this.shares.attrs(cell) === none;
    if (catchUp.isLeaving && !isWithdrawal) return;
    for (let link = staged.first(cell); link !== none; link = staged.next(link)) {
      const prefix = staged.prefix(link);
      const path = staged.path(link);
      if (isWithdrawal) this.deferWithdrawal(catchUp, prefix, path);
      else this.deferAnnouncement(catchUp, prefix, path, areUnsent && staged.isNew(link));
    }
  }

  private deferAnnouncement(
    catchUp: CatchUp,
    prefix: PrefixId,
    path: PathId,
    isNew: boolean,
  ): void {
    catchUp.add(prefix);
    if (isNew) this.debtsOf(catchUp).unheld.add(path);
  }

  /**
   * If a path came and went without having been sent to the client, it is no longer awaited; otherwise its prefix would
   * be kept for nothing.
   */
  private deferWithdrawal(catchUp: CatchUp, prefix: PrefixId, path: PathId): void {
    const { withdrawals, unheld } = this.debtsOf(catchUp);
    if (!unheld.delete(path)) {
      catchUp.await(prefix);
      withdrawals.set(prefix, (withdrawals.get(prefix) ?? new Set()).add(path));
      return;
    }
    const isWanted = this.wantedBy(catchUp.peer.id);
    if (!withdrawals.has(prefix) && !isWanted(prefix)) catchUp.drop(prefix);
  }

  isUnheld(catchUp: CatchUp, _prefix: PrefixId, path: PathId): boolean {
    return this.debtsOf(catchUp).unheld.has(path);
  }

  feed(catchUp: CatchUp, group: UpdateGroup, slice: Slice): void {
    const byAttrs = new Map<AttrsId, PathOut[]>();
    const withdrawn: PathOut[] = [];
    // What is written about them must be handed over before they may be freed.
    const finished: PrefixId[] = [];
    while (slice.take()) {
      const next = this.nextOf(catchUp, finished);
      if (next === undefined) break;
      const rows = next.attrs === none ? withdrawn : byAttrs.get(next.attrs);
      if (rows === undefined) byAttrs.set(next.attrs, [next]);
      else rows.push(next);
    }
    if (withdrawn.length > 0) write(group, none as AttrsId, withdrawn);
    for (const [attrs, rows] of byAttrs) write(group, attrs, rows);
    for (const prefix of finished) this.tables.releaseIfUnused(prefix);
  }

  /** Returns what the peer holds of a prefix, or is going to be sent. */
  sentTo(peer: PeerId, prefix: PrefixId): { readonly path: PathId; readonly attrs: AttrsId }[] {
    return this.pathsOf(prefix).flatMap((path) => {
      const attrs = this.attrsTo(peer, path);
      return attrs === none ? [] : [{ path, attrs }];
    });
  }

  /** One step per path: first those that are gone, then those that exist. */
  private *stagingOf(prefix: PrefixId, staged: StagedChanges): Generator<void, void> {
    const { sentPaths } = this.tables;
    this.inHand.add(prefix);
    for (const path of sentPaths.takeGone(prefix)) {
      this.replace(path, prefix, none as ShareId, staged);
      this.gone.push(path);
      yield;
    }
    const paths = this.pathsOf(prefix);
    const served = yield* this.wellServed(paths, prefix);
    for (const path of paths) {
      if (!this.isOf(prefix, path)) continue;
      const offered = this.exports.shareOfPath(path, prefix);
      const to = this.isDrained(path) ? this.shares.without(offered, served) : offered;
      this.replace(path, prefix, to, staged);
      yield;
    }
    this.inHand.delete(prefix);
    this.tables.releaseIfUnused(prefix);
  }

  private replace(path: PathId, prefix: PrefixId, to: ShareId, staged: StagedChanges): void {
    const { sentPaths } = this.tables;
    const from = sentPaths.share(path);
    if (from === to) return;
    sentPaths.set(path, to, this.shares);
    staged.change(prefix, path, from, to);
  }

  /** Returns the clients that are sent a path of the best class: a client with several paths may use any of them. */
  private *wellServed(paths: readonly PathId[], prefix: PrefixId): Generator<void, PeerMask> {
    let served = 0n;
    if (!paths.some((path) => this.isDrained(path))) return served;
    for (const path of paths) {
      if (!this.isOf(prefix, path) || !this.isAccepted(path)) continue;
      if (this.tables.classes.of(path) > 0) continue;
      served |= this.shares.everyone(this.exports.shareOfPath(path, prefix));
      yield;
    }
    return served;
  }

  private isDrained(path: PathId): boolean {
    return this.isAccepted(path) && this.tables.classes.isDrained(path);
  }

  private isAccepted(path: PathId): boolean {
    return this.tables.paths.accepted(path) !== none;
  }

  /** Returns what the client is to be sent next; `undefined` if there is nothing for now. */
  private nextOf(catchUp: CatchUp, finished: PrefixId[]): PathOut | undefined {
    const debts = this.debtsOf(catchUp);
    for (;;) {
      if (debts.inHand === undefined) {
        const prefix = catchUp.take(this.tables);
        if (prefix === none) return undefined;
        catchUp.inHand = prefix;
        debts.inHand = this.awaitedOf(prefix, catchUp, debts);
      }
      const { done, value } = debts.inHand.next();
      if (done !== true) return value;
      debts.inHand = undefined;
      finished.push(catchUp.inHand);
      catchUp.inHand = none as PrefixId;
    }
  }

  /**
   * Returns what the client awaits of a prefix, withdrawals first: the id of a path that is gone may be another path's
   * by now, which must not be withdrawn after it was sent.
   */
  private *awaitedOf(
    prefix: PrefixId,
    catchUp: CatchUp,
    { withdrawals, unheld }: PathDebts,
  ): Generator<PathOut, void> {
    const { peer } = catchUp;
    const lost = withdrawals.get(prefix) ?? [];
    withdrawals.delete(prefix);
    for (const path of lost) yield { prefix, path, attrs: none as AttrsId };
    // For a client that leaves, they are gone before their withdrawal is staged.
    const gone = catchUp.isLeaving ? this.goneHeldBy(peer.id, prefix) : [];
    for (const path of gone) yield { prefix, path, attrs: none as AttrsId };
    for (const path of this.pathsOf(prefix)) {
      if (!this.isOf(prefix, path)) continue;
      const attrs = this.attrsTo(peer.id, path);
      if (attrs === none) continue;
      unheld.delete(path);
      // The client may have begun to leave since the previous path.
      yield { prefix, path, attrs: catchUp.isLeaving ? (none as AttrsId) : attrs };
    }
  }

  /** Returns the paths that are gone and whose withdrawal is not staged yet. */
  private goneHeldBy(peer: PeerId, prefix: PrefixId): readonly PathId[] {
    const gone = this.tables.sentPaths.goneOf(prefix);
    return gone.filter((path) => this.attrsTo(peer, path) !== none);
  }

  private attrsTo(peer: PeerId, path: PathId): AttrsId {
    return this.shares.attrsFor(this.tables.sentPaths.share(path), peer);
  }

  private debtsOf(catchUp: CatchUp): PathDebts {
    let debts = this.debts.get(catchUp);
    if (debts === undefined) {
      debts = { withdrawals: new Map(), unheld: new Set(), inHand: undefined };
      this.debts.set(catchUp, debts);
    }
    return debts;
  }

  /** Returns whether a path that was in the chain of the prefix is still in it. */
  private isOf(prefix: PrefixId, path: PathId): boolean {
    const { paths } = this.tables;
    return paths.prefix(path) === prefix && paths.peer(path) !== none;
  }

  private pathsOf(prefix: PrefixId): PathId[] {
    const { paths } = this.tables;
    const list: PathId[] = [];
    for (let path = paths.first(prefix); path !== none; path = paths.next(path)) list.push(path);
    return list;
  }
}

function write(group: UpdateGroup, attrs: AttrsId, rows: readonly PathOut[]): void {
  group.begin(attrs);
  for (const { prefix, path } of rows) group.add(prefix, path);
  group.end();
}
