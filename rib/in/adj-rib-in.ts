import { type AttrsId, none, type PathId } from '#policy/ids.ts';
import { limitBlocked, limitPaths } from '#policy/reasons.ts';
import { isBogus } from '#wire/bogus-prefix.ts';
import type { Family } from '#wire/constants.ts';
import { NlriReader, type Prefix } from '#wire/nlri.ts';
import type { NlriRange } from '#wire/path-attributes.ts';
import type { Update } from '#wire/update.ts';
import type { FamilyTables } from '../family-tables.ts';
import type { LimitReached } from '../rib-events.ts';
import { type PeerCounts, Refusal, type RibPeer } from '../rib-peer.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import type { AttrsMemo } from '../tables/attrs-memo.ts';
import { scratchPrefix } from '../tables/prefix-table.ts';
import { isStale, Staleness } from '../tables/staleness.ts';
import { KeptPaths } from './kept-paths.ts';
import { LeavingPaths } from './leaving-paths.ts';
import { Limits } from './limits.ts';
import { PathCounts } from './path-counts.ts';
import { StalePaths } from './stale-paths.ts';
import { WaitingPaths } from './waiting-paths.ts';

/** Why a path is judged: an UPDATE brought it, policy or a limit changed, or a limit has space for it. */
type Cause = 'update' | 'settings' | 'room';

/**
 * Adj-RIB-In of all peers for one family. It keeps what was received and the result of import policy, counts, enforces
 * limits, and reports changes to the Loc-RIB. Steps 5 to 7 of the path of an UPDATE.
 */
export class AdjRibIn {
  /** Called with the first prefix of a range that no route can have; scratch, valid during the call. */
  onBogus: ((peer: RibPeer, prefix: Prefix) => void) | undefined;
  /** Called with the first route of a session that is refused for a reason; scratch, valid during the call. */
  onRefused: ((peer: RibPeer, prefix: Prefix, reason: number) => void) | undefined;
  /** Called for a path that has come, or whose attributes as received have changed, once it is judged. */
  onReceived: ((path: PathId) => void) | undefined;
  /** Called for a path that is removed, while its row can still be read. */
  onGone: ((path: PathId) => void) | undefined;
  readonly stale: StalePaths;
  readonly kept: KeptPaths;
  readonly leaving: LeavingPaths;
  readonly limits: Limits;
  readonly waiting: WaitingPaths;
  private readonly tables: FamilyTables;
  private readonly verdicts: AttrsMemo;
  private readonly reader = new NlriReader();
  private readonly counted: PathCounts;
  private readonly scratch;

  constructor(tables: FamilyTables, attrs: AttrTable, verdicts: AttrsMemo, mostAtOnce?: number) {
    this.tables = tables;
    this.leaving = new LeavingPaths(tables, this);
    this.stale = new StalePaths(tables, attrs, this);
    this.kept = new KeptPaths(tables, attrs, this);
    this.limits = new Limits(tables, this.kept);
    this.waiting = new WaitingPaths(tables, this, mostAtOnce);
    this.counted = new PathCounts(tables);
    this.verdicts = verdicts;
    this.scratch = scratchPrefix(tables.family);
  }

  /**
   * Announces every prefix of the range, all with these attributes. Prefixes that no route can have are ignored (RFC
   * 4271 §6.3). Stops at a limit that ends the session.
   */
  announce(
    peer: RibPeer,
    bytes: Uint8Array,
    range: NlriRange,
    attrs: AttrsId,
    now: number,
  ): LimitReached | undefined {
    const { reader, limits, counted } = this;
    const { prefixes, paths, siblings, family } = this.tables;
    const counts = peer.counts[family];
    let ignored = 0;
    limits.tripped = undefined;
    reader.reset(bytes, range);
    while (reader.next() && limits.tripped === undefined) {
      if (isBogus(reader)) {
        if (ignored++ === 0) this.onBogus?.(peer, reader);
        continue;
      }
      if (counts.hasFormer) this.removeFormer(peer, reader);
      const prefix = prefixes.intern(reader);
      let path = paths.find(prefix, peer.id, reader.pathId);
      if (path === none) {
        path = paths.add(prefix, peer.id, reader.pathId);
        if (counts.stale > 0) counted.cameBesideStale(counts, path);
        if (!siblings.has(path, 'received')) limits.countReceived(peer, counts);
      } else if (!this.renew(peer, path) && paths.received(path) === attrs) continue;
      counts.announcedIn++;
      paths.setReceived(path, attrs, now);
      this.judge(peer, counts, path, reader, 'update');
      this.onReceived?.(path);
    }
    const tripped = limits.tripped ?? limits.endCredit(peer);
    if (tripped === undefined && counts.haveWaiting) this.waiting.admitAll(peer);
    return tripped;
  }

  /**
   * Withdraws every path of the range; those that the peer never announced are ignored. If paths wait for space, a path
   * that the same UPDATE announces again stays, because replacing it must not give its place to another. The last path
   * of an address may be kept.
   */
  withdraw(peer: RibPeer, update: Update, range: NlriRange, now: number): void {
    const { reader } = this;
    const counts = peer.counts[this.tables.family];
    const replaced = counts.blocked > 0 ? this.announcedBy(peer, update) : undefined;
    reader.reset(update.bytes, range);
    while (reader.next()) {
      const path = this.find(peer, reader);
      if (path === none || replaced?.has(path) === true) continue;
      if (this.kept.has(path) || this.leaving.has(path)) continue;
      counts.withdrawnIn++;
      if (!this.keep(peer, path, now)) this.remove(peer, path);
    }
    if (counts.haveWaiting) {
      // The replacement of a withdrawn path may follow in the same UPDATE.
      if (announces(update, this.tables.family)) this.waiting.admitBlocked(peer);
      else this.waiting.admitAll(peer);
    }
    this.limits.settleCredit(peer);
  }

  /** Removes one path. The space that this makes under a limit is not filled here. */
  remove(peer: RibPeer, path: PathId): void {
    if (!this.leaving.has(path)) {
      this.counted.gone(peer, path);
      if (this.kept.has(path)) this.kept.release(path);
      else this.stale.unmark(peer, path);
    }
    this.takeOut(peer, path);
  }

  /** Removes a path that is not counted any more. */
  takeOut(peer: RibPeer, path: PathId): void {
    const { paths, locRib } = this.tables;
    const prefix = paths.prefix(path);
    this.onGone?.(path);
    this.counted.takenOut(peer, path);
    paths.unlink(path);
    if (paths.accepted(path) !== none) locRib.removed(prefix, path);
    this.tables.endPath(path, prefix);
  }

  /**
   * Judges a path again by the peer's present settings. If there is a limit, paths that policy now accepts wait for
   * `waiting.admitting`, which accepts them in order when all the others have been judged.
   */
  rejudge(peer: RibPeer, path: PathId): void {
    if (this.leaving.has(path)) return;
    this.judgeAgain(peer, path, 'settings');
    const isRefused = this.tables.paths.accepted(path) === none;
    if (isRefused && this.kept.untilOf(path) !== undefined) this.remove(peer, path);
  }

  /** Judges a path again because a limit may have space for it. */
  admit(peer: RibPeer, path: PathId): void {
    this.judgeAgain(peer, path, 'room');
  }

  private judgeAgain(peer: RibPeer, path: PathId, cause: Cause): void {
    const { paths, prefixes, family } = this.tables;
    const prefix = prefixes.read(paths.prefix(path), this.scratch);
    const { limits } = this;
    limits.tripped = undefined;
    this.judge(peer, peer.counts[family], path, prefix, cause);
    if (limits.tripped !== undefined) limits.onReached?.(peer, limits.tripped);
  }

  private judge(
    peer: RibPeer,
    counts: PeerCounts,
    path: PathId,
    prefix: Prefix,
    cause: Cause,
  ): void {
    const { limits, counted } = this;
    const { paths, locRib } = this.tables;
    const was = paths.accepted(path);
    let verdict = this.verdict(peer, paths.received(path), prefix);
    if (verdict > 0 && was === none) {
      if (limits.hasAllPaths(peer, path)) verdict = -limitPaths;
      else if (!limits.mayComeIn(peer, counts, path, cause === 'settings')) verdict = -limitBlocked;
    }
    const accepted = this.acceptedAs(path, verdict);
    const reason = verdict < 0 ? -verdict : 0;
    counted.judged(counts, path, accepted, reason, cause === 'update');
    if (reason !== 0) this.noteRefusal(peer, prefix, reason, cause);
    paths.judge(path, accepted, reason);
    if (was !== none && accepted === none) counted.notePathRoom(peer, paths.prefix(path));
    locRib.changed(paths.prefix(path), path, was);
    if (was === none && accepted !== none && !this.kept.isEmpty) this.kept.yieldTo(path);
  }

  /** From the peer's point of view, what it announces now was never announced before. */
  private removeFormer(peer: RibPeer, reader: NlriReader): void {
    const path = this.find(peer, reader);
    if (path !== none && this.leaving.has(path)) this.takeOut(peer, path);
  }

  private keep(peer: RibPeer, path: PathId, now: number): boolean {
    const keepMs = this.tables.classes.keepsLast ? this.kept.termOf(path) : undefined;
    if (keepMs === undefined) return false;
    this.renew(peer, path);
    this.kept.keep(peer, path, now, keepMs);
    this.counted.notePathRoom(peer, this.tables.paths.prefix(path));
    return true;
  }

  /** Called when the path is announced again. Returns true if it must be judged again because it is fresh. */
  private renew(peer: RibPeer, path: PathId): boolean {
    const was = this.tables.paths.staleness(path);
    if (was === Staleness.fresh) return false;
    if (was === Staleness.kept) this.kept.release(path);
    else if (!isStale(was)) return false;
    else {
      this.stale.unmark(peer, path);
      this.counted.renewed(peer.counts[this.tables.family], path);
    }
    return was !== Staleness.stale;
  }

  private noteRefusal(peer: RibPeer, prefix: Prefix, reason: number, cause: Cause): void {
    const { refusals } = peer.counts[this.tables.family];
    const isFirst = cause === 'update' && refusals[reason] !== Refusal.logged;
    if (isFirst) this.onRefused?.(peer, prefix, reason);
    refusals[reason] = isFirst ? Refusal.logged : Math.max(refusals[reason], Refusal.seen);
  }

  private verdict(peer: RibPeer, received: AttrsId, prefix: Prefix): number {
    const judge = peer.settings.importJudge;
    const prefixClass = judge.prefixClass(prefix);
    const known = this.verdicts.get(received, peer.id, prefixClass);
    if (known !== 0) return known;
    const verdict = judge.judge(received, prefixClass);
    this.verdicts.set(received, peer.id, prefixClass, verdict);
    return verdict;
  }

  private acceptedAs(path: PathId, verdict: number): AttrsId {
    if (verdict <= 0) return none as AttrsId;
    const accepted = verdict as AttrsId;
    if (this.tables.paths.staleness(path) === Staleness.fresh) return accepted;
    if (this.kept.has(path)) return this.kept.pushedAway(accepted);
    return this.stale.acceptedAs(path, accepted);
  }

  private find(peer: RibPeer, reader: NlriReader): PathId {
    const { prefixes, paths } = this.tables;
    const prefix = prefixes.find(reader);
    return (prefix === none ? none : paths.find(prefix, peer.id, reader.pathId)) as PathId;
  }

  /** Returns those of the peer's paths that the UPDATE announces, whether changed or not. */
  private announcedBy(peer: RibPeer, { bytes, mpReach, nlri }: Update): ReadonlySet<PathId> {
    const { reader } = this;
    const found = new Set<PathId>();
    for (const range of [mpReach, nlri]) {
      if (range.start === range.end || range.family !== this.tables.family) continue;
      reader.reset(bytes, range);
      while (reader.next()) found.add(this.find(peer, reader));
    }
    return found;
  }
}

/** Returns whether the UPDATE has routes of the family. */
function announces({ mpReach, nlri }: Update, family: Family): boolean {
  const isReached = mpReach.start < mpReach.end && mpReach.family === family;
  return isReached || (nlri.start < nlri.end && nlri.family === family);
}
