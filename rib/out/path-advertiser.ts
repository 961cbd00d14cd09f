import {
  type AttrsId,
  none,
  type PathId,
  type PeerId,
  type PrefixId,
  type ShareId,
} from '#policy/ids.ts';
import { RefreshSubtype } from '#wire/message.ts';
import type { RibPeer } from '../rib-peer.ts';
import { Slice } from '../slice.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import type { DirtySet } from '../tables/dirty-set.ts';
import { maskHas, maskOf, membersOf, type PeerMask } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';
import type { Tables } from '../tables/tables.ts';
import { CatchUp } from './catch-up.ts';
import type { Exports } from './exports.ts';
import type { SentPaths } from './sent-paths.ts';
import { type RibOutput, type UpdateGroup, UpdateGroups } from './update-group.ts';

/** A prefix with the path identifier that it goes out under. */
interface PathOut {
  readonly prefix: PrefixId;
  readonly path: PathId;
}

/** An ADD-PATH client that is new, refreshing or slow. */
interface PathReader {
  readonly peer: RibPeer;
  /** Present while it is not on the shared stream. */
  catchUp: CatchUp | undefined;
  /** Paths that it may hold and must lose before it is told anything else, each once. */
  readonly withdrawals: Map<PrefixId, Set<PathId>>;
  /** Paths that it awaits and has never been sent, by `keyOf`: they may go as they came. */
  readonly unheld: Set<number>;
}

/**
 * The second half of the walk toward clients that take several paths of a prefix (RFC 7911), one
 * family: each accepted path that a client may have is sent to it, under the path's own id. Rare, and
 * therefore plain: it works by prefix, not by attribute set.
 */
export class PathAdvertiser {
  private readonly tables: Tables;
  private readonly shares: ShareTable;
  private readonly exports: Exports;
  private readonly output: RibOutput;
  private readonly dirty: DirtySet;
  private readonly sent: SentPaths;
  private readonly groups: UpdateGroups;
  private readonly readers = new Map<PeerId, PathReader>();
  private readonly staged = new Map<ShareId, PathOut[]>();
  /** Of those, by `keyOf`, who has not held the path before; noted while a client catches up. */
  private readonly newcomers = new Map<number, PeerMask>();

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
    this.exports = exports;
    this.output = output;
    this.dirty = tables.dirtyPaths;
    this.sent = tables.sentPaths;
  }

  has(peer: PeerId): boolean {
    return this.readers.has(peer);
  }

  join(peer: RibPeer): void {
    const leaving = this.readers.get(peer.id)?.catchUp;
    if (leaving?.isLeaving === true) {
      leaving.isToRejoin = true;
      return;
    }
    const [withdrawals, unheld] = [new Map<PrefixId, Set<PathId>>(), new Set<number>()];
    const reader: PathReader = { peer, catchUp: undefined, withdrawals, unheld };
    this.readers.set(peer.id, reader);
    const catchUp = this.startCatchUp(reader);
    catchUp.owesEndOfRib = true;
    this.awaitAll(catchUp);
  }

  leave(peer: RibPeer): void {
    const reader = this.readers.get(peer.id);
    if (reader === undefined) return;
    this.readers.delete(peer.id);
    this.endCatchUp(reader);
    this.groups.of(peer).synced &= ~maskOf(peer.id);
  }

  /** As `Advertiser.takeBack`. */
  takeBack(peer: RibPeer): void {
    const reader = this.readers.get(peer.id);
    if (reader === undefined) return;
    const catchUp = reader.catchUp ?? this.startCatchUp(reader);
    catchUp.isToRejoin = false;
    if (catchUp.isLeaving) return;
    catchUp.isLeaving = true;
    catchUp.owesEndOfRib = false;
    this.awaitAll(catchUp);
  }

  refresh(peer: RibPeer, enhanced: boolean): void {
    const reader = this.readers.get(peer.id);
    if (reader === undefined) return;
    const known = reader.catchUp;
    if (known?.mustFinishFirst === true) return known.askAgain(enhanced);
    const catchUp = known ?? this.startCatchUp(reader);
    if (enhanced && !catchUp.owesEndOfRefresh) {
      this.output.sendRouteRefresh(peer.id, this.tables.family, RefreshSubtype.begin);
      catchUp.owesEndOfRefresh = true;
    }
    if (known === undefined) this.awaitAll(catchUp);
  }

  setLagging(peer: RibPeer, isLagging: boolean): void {
    const reader = this.readers.get(peer.id);
    if (reader === undefined || (reader.catchUp === undefined && !isLagging)) return;
    const catchUp = reader.catchUp ?? this.startCatchUp(reader);
    catchUp.isPaused = isLagging;
  }

  /** Whether the peer is owed more than what is delivered to everybody. */
  isBehind(peer: PeerId): boolean {
    return this.readers.get(peer)?.catchUp !== undefined;
  }

  /** Whether `run` has anything to do. */
  get hasWork(): boolean {
    if (this.dirty.size > 0 || this.sent.goneCount > 0) return true;
    return [...this.readers.values()].some(({ catchUp }) => catchUp?.isPaused === false);
  }

  /** As `Advertiser.run`. */
  run(budget: number, isLate: () => boolean, mayEndRib: boolean): void {
    const gone = this.sent.takeGone(this.shares);
    for (const { prefix, path, share } of gone) {
      this.file(this.shares.everyone(share), none as AttrsId, { prefix, path });
    }
    const changed = this.stageDirty(new Slice(budget, isLate));
    this.deliver();
    for (const { path } of gone) this.tables.paths.free(path);
    for (const prefix of changed) this.tables.releaseIfUnused(prefix);
    this.feedAll(budget, isLate, mayEndRib && this.dirty.size === 0);
  }

  private stageDirty(slice: Slice): PrefixId[] {
    const changed: PrefixId[] = [];
    const hasLate = [...this.readers.values()].some(({ catchUp }) => catchUp !== undefined);
    while (slice.take()) {
      const prefix = this.dirty.take();
      if (prefix === none) break;
      this.stagePrefix(prefix, hasLate);
      changed.push(prefix);
    }
    return changed;
  }

  /** One after the other as far as there is time; who has had a turn goes to the end of the row. */
  private feedAll(budget: number, isLate: () => boolean, isWhole: boolean): void {
    const row = [...this.readers.values()];
    for (const reader of row) {
      if (reader.catchUp === undefined || reader.catchUp.isPaused) continue;
      this.readers.delete(reader.peer.id);
      this.readers.set(reader.peer.id, reader);
      this.feed(reader, new Slice(budget, isLate), isWhole);
      if (isLate()) return;
    }
  }

  forget(): void {
    for (const group of this.groups) group.forget();
  }

  /** What the peer holds of a prefix. */
  sentTo(peer: PeerId, prefix: PrefixId): { readonly path: PathId; readonly attrs: AttrsId }[] {
    return this.pathsOf(prefix).flatMap((path) => {
      const attrs = this.shares.attrsFor(this.sent.share(path), peer);
      return attrs === none ? [] : [{ path, attrs }];
    });
  }

  private stagePrefix(prefix: PrefixId, hasLate: boolean): void {
    const paths = this.pathsOf(prefix);
    const served = this.wellServed(paths, prefix);
    for (const path of paths) {
      const from = this.sent.share(path);
      const offered = this.exports.shareOfPath(path, prefix);
      const to = this.isDrained(path) ? this.shares.without(offered, served) : offered;
      if (from === to) continue;
      this.sent.set(path, to, this.shares);
      const row = { prefix, path };
      const { shares } = this;
      if (hasLate) this.newcomers.set(keyOf(row), shares.everyone(to) & ~shares.everyone(from));
      this.stage(row, from, to);
    }
  }

  /** Who is sent a path of the best class: a client with several paths may use any of them. */
  private wellServed(paths: readonly PathId[], prefix: PrefixId): PeerMask {
    if (!paths.some((path) => this.isDrained(path))) return 0n;
    let served = 0n;
    for (const path of paths) {
      if (!this.isAccepted(path) || this.tables.classes.of(path) > 0) continue;
      served |= this.shares.everyone(this.exports.shareOfPath(path, prefix));
    }
    return served;
  }

  private isDrained(path: PathId): boolean {
    return this.isAccepted(path) && this.tables.classes.isDrained(path);
  }

  private isAccepted(path: PathId): boolean {
    return this.tables.paths.accepted(path) !== none;
  }

  private stage(row: PathOut, from: ShareId, to: ShareId): void {
    const { shares } = this;
    for (let cell = to; cell !== none; cell = shares.rest(cell)) {
      const attrs = shares.attrs(cell);
      let mask = shares.mask(cell);
      for (let old = from; old !== none; old = shares.rest(old)) {
        if (shares.attrs(old) === attrs) mask &= ~shares.mask(old);
      }
      this.file(mask, attrs, row);
    }
    this.file(shares.everyone(from) & ~shares.everyone(to), none as AttrsId, row);
  }

  private file(mask: bigint, attrs: AttrsId, row: PathOut): void {
    if (mask === 0n) return;
    const cell = this.shares.cons(mask, attrs, none as ShareId);
    const rows = this.staged.get(cell);
    if (rows === undefined) this.staged.set(cell, [row]);
    else rows.push(row);
  }

  /** Withdrawals first: an id that comes back with other attributes must not be taken away after. */
  private deliver(): void {
    if (this.staged.size === 0) return;
    const { shares } = this;
    const cells = [...this.staged.keys()].sort((a, b) => shares.attrs(a) - shares.attrs(b));
    for (const cell of cells) {
      const rows = this.staged.get(cell) ?? [];
      for (const group of this.groups) {
        const peers = membersOf(shares.mask(cell) & group.synced);
        if (peers.length === 0) continue;
        this.write(group, shares.attrs(cell), rows);
        group.flush(peers, this.output);
        for (const peer of peers) this.count(peer, shares.attrs(cell), rows.length);
      }
      this.defer(cell, rows);
    }
    this.staged.clear();
    this.newcomers.clear();
  }

  private defer(cell: ShareId, rows: readonly PathOut[]): void {
    for (const reader of this.readers.values()) {
      const { peer, catchUp } = reader;
      if (catchUp === undefined || !maskHas(this.shares.mask(cell), peer.id)) continue;
      const isWithdrawal = this.shares.attrs(cell) === none;
      for (const row of rows) {
        if (isWithdrawal) this.deferWithdrawal(reader, catchUp, row);
        else if (!catchUp.isLeaving) this.deferAnnouncement(reader, catchUp, row);
      }
    }
  }

  private deferAnnouncement({ peer, unheld }: PathReader, catchUp: CatchUp, row: PathOut): void {
    catchUp.add(row.prefix);
    const key = keyOf(row);
    if (maskHas(this.newcomers.get(key) ?? 0n, peer.id)) unheld.add(key);
  }

  /** What came and went past the client is awaited no longer: else its prefix would be kept for nothing. */
  private deferWithdrawal(reader: PathReader, catchUp: CatchUp, { prefix, path }: PathOut): void {
    const { peer, withdrawals, unheld } = reader;
    if (!unheld.delete(keyOf({ prefix, path }))) {
      catchUp.await(prefix);
      withdrawals.set(prefix, (withdrawals.get(prefix) ?? new Set()).add(path));
      return;
    }
    if (!withdrawals.has(prefix) && this.sentTo(peer.id, prefix).length === 0) catchUp.drop(prefix);
  }

  private feed(reader: PathReader, slice: Slice, isWhole: boolean): void {
    const { peer, catchUp } = reader;
    if (catchUp === undefined || catchUp.isPaused) return;
    const group = this.groups.of(peer);
    const withdrawn = [...reader.withdrawals].flatMap(([prefix, paths]) =>
      [...paths].map((path) => ({ prefix, path })),
    );
    reader.withdrawals.clear();
    if (withdrawn.length > 0) this.write(group, none as AttrsId, withdrawn);
    this.count(peer.id, none as AttrsId, withdrawn.length);
    for (const [attrs, rows] of this.takeAwaited(reader, catchUp, slice)) {
      this.write(group, attrs, rows);
      this.count(peer.id, attrs, rows.length);
    }
    group.flush([peer.id], this.output);
    if (catchUp.isDone && (isWhole || !catchUp.owesEndOfRib)) this.complete(reader, catchUp, group);
  }

  /** The paths of the next prefixes that the peer awaits, by their attributes. */
  private takeAwaited(
    { unheld }: PathReader,
    catchUp: CatchUp,
    slice: Slice,
  ): Map<AttrsId, PathOut[]> {
    const byAttrs = new Map<AttrsId, PathOut[]>();
    while (slice.take()) {
      const prefix = catchUp.take(this.tables);
      if (prefix === none) break;
      for (const { path, attrs } of this.sentTo(catchUp.peer.id, prefix)) {
        unheld.delete(keyOf({ prefix, path }));
        const said = catchUp.isLeaving ? (none as AttrsId) : attrs;
        const rows = byAttrs.get(said);
        if (rows === undefined) byAttrs.set(said, [{ prefix, path }]);
        else rows.push({ prefix, path });
      }
      this.tables.releaseIfUnused(prefix);
    }
    return byAttrs;
  }

  private complete(reader: PathReader, catchUp: CatchUp, group: UpdateGroup): void {
    const { peer } = reader;
    if (catchUp.owesEndOfRib) group.writeEndOfRib();
    group.flush([peer.id], this.output);
    if (catchUp.owesEndOfRefresh) {
      this.output.sendRouteRefresh(peer.id, this.tables.family, RefreshSubtype.end);
    }
    if (catchUp.isLeaving) {
      this.leave(peer);
      if (!catchUp.isToRejoin) return;
      this.join(peer);
    } else {
      this.endCatchUp(reader);
      group.synced |= maskOf(peer.id);
    }
    if (catchUp.refreshAsked !== undefined) this.refresh(peer, catchUp.refreshAsked === 'enhanced');
  }

  private write(group: UpdateGroup, attrs: AttrsId, rows: readonly PathOut[]): void {
    group.begin(attrs);
    for (const { prefix, path } of rows) group.add(prefix, path);
    group.end();
  }

  private awaitAll(catchUp: CatchUp): void {
    const { tables } = this;
    const { id } = catchUp.peer;
    catchUp.addAll(tables.prefixes.limit, (prefix) => this.sentTo(id, prefix).length > 0);
  }

  private startCatchUp(reader: PathReader): CatchUp {
    const catchUp = new CatchUp(reader.peer);
    reader.catchUp = catchUp;
    this.tables.adjRibOut.await(catchUp);
    this.groups.of(reader.peer).synced &= ~maskOf(reader.peer.id);
    return catchUp;
  }

  private endCatchUp(reader: PathReader): void {
    const { catchUp } = reader;
    if (catchUp === undefined) return;
    reader.catchUp = undefined;
    reader.unheld.clear();
    this.tables.adjRibOut.unawait(catchUp);
    catchUp.each((prefix) => this.tables.releaseIfUnused(prefix));
  }

  private pathsOf(prefix: PrefixId): PathId[] {
    const { paths } = this.tables;
    const list: PathId[] = [];
    for (let path = paths.first(prefix); path !== none; path = paths.next(path)) list.push(path);
    return list;
  }

  private count(peer: PeerId, attrs: AttrsId, paths: number): void {
    const counts = this.readers.get(peer)?.peer.counts[this.tables.family];
    if (counts === undefined) return;
    if (attrs === none) counts.withdrawnOut += paths;
    else counts.announcedOut += paths;
  }
}

/** Ids are far below 2²⁶: there is no room for as many paths. */
function keyOf({ prefix, path }: PathOut): number {
  return path * 2 ** 26 + prefix;
}
