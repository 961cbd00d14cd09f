import { type AttrsId, none, type PathId, type PrefixId } from '#policy/ids.ts';
import { admit, isBelow, room } from '#policy/limit.ts';
import { type PrefixLimit, rejectReasons } from '#policy/policy.ts';
import { comparePrefixes } from '#policy/prefix-bits.ts';
import { isBogus } from '#wire/bogus-prefix.ts';
import type { Family } from '#wire/constants.ts';
import { NlriReader, type Prefix } from '#wire/nlri.ts';
import type { NlriRange } from '#wire/path-attributes.ts';
import type { Update } from '#wire/update.ts';
import type { LimitReached } from '../rib-events.ts';
import { type PeerCounts, Refusal, type RibPeer } from '../rib-peer.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import type { AttrsMemo } from '../tables/attrs-memo.ts';
import { Staleness } from '../tables/path-table.ts';
import { scratchPrefix } from '../tables/prefix-table.ts';
import type { Tables } from '../tables/tables.ts';
import { BlockedQueue } from './blocked-queue.ts';
import { KeptPaths } from './kept-paths.ts';
import { LeavingPaths } from './leaving-paths.ts';
import { StalePaths } from './stale-paths.ts';

/** Why a path is judged: it is news, policy or a limit changed, or a limit has room for it. */
type Cause = 'update' | 'settings' | 'room';

const limitPaths = rejectReasons.indexOf('limit_paths');
const limitBlocked = rejectReasons.indexOf('limit_blocked');

/**
 * Adj-RIB-In of all peers, one family: keeps what was received and what import policy made of it,
 * counts, holds limits, and tells the Loc-RIB what changed. Steps 5 to 7 of the walk.
 */
export class AdjRibIn {
  /**
   * A limit was reached: one that leaves the session up, once until there is room again; or, when
   * settings changed, one that must end it.
   */
  onLimit: ((peer: RibPeer, reached: LimitReached) => void) | undefined;
  /** Told the first prefix of a range that no route can have; scratch, valid during the call. */
  onBogus: ((peer: RibPeer, prefix: Prefix) => void) | undefined;
  /** Told the first route of a session that is refused for a reason; scratch, valid during the call. */
  onRefused: ((peer: RibPeer, prefix: Prefix, reason: number) => void) | undefined;
  readonly stale: StalePaths;
  readonly kept: KeptPaths;
  readonly leaving: LeavingPaths;
  private readonly tables: Tables;
  private readonly verdicts: AttrsMemo;
  private readonly reader = new NlriReader();
  private readonly scratch;
  private readonly otherScratch;
  /** Set by the prefix that went over a limit whose action ends the session. */
  private tripped: LimitReached | undefined;

  constructor(tables: Tables, attrs: AttrTable, verdicts: AttrsMemo) {
    this.tables = tables;
    this.stale = new StalePaths(tables, attrs, this);
    this.kept = new KeptPaths(tables, attrs, this);
    this.leaving = new LeavingPaths(tables, this);
    this.verdicts = verdicts;
    this.scratch = scratchPrefix(tables.family);
    this.otherScratch = scratchPrefix(tables.family);
  }

  /**
   * Every prefix of the range, all with these attributes, but for those that no route can have: they are
   * ignored (RFC 4271 §6.3). Stops at a limit that ends the session.
   */
  announce(
    peer: RibPeer,
    bytes: Uint8Array,
    range: NlriRange,
    attrs: AttrsId,
    now: number,
  ): LimitReached | undefined {
    const { reader } = this;
    const { prefixes, paths, family } = this.tables;
    const counts = peer.counts[family];
    let ignored = 0;
    if (counts.stale > 0 && isLimited(peer, family)) this.stale.finish(peer);
    if (counts.hasFormer) this.makeWay(peer, counts, range.end - range.start);
    this.tripped = undefined;
    reader.reset(bytes, range);
    while (reader.next() && this.tripped === undefined) {
      if (isBogus(reader)) {
        if (ignored++ === 0) this.onBogus?.(peer, reader);
        continue;
      }
      if (counts.hasFormer) this.removeFormer(peer, reader);
      const prefix = prefixes.intern(reader);
      let path = paths.find(prefix, peer.id, reader.pathId);
      if (path === none) {
        path = paths.add(prefix, peer.id, reader.pathId);
        if (!paths.hasSibling(path)) this.countReceived(peer, counts);
      } else if (!this.renew(peer, path) && paths.received(path) === attrs) continue;
      counts.announcedIn++;
      paths.setReceived(path, attrs, now);
      this.judge(peer, counts, path, reader, 'update');
    }
    const tripped = this.tripped ?? this.endCredit(peer);
    if (tripped === undefined && counts.haveWaiting) this.admitWaiting(peer);
    return tripped;
  }

  /**
   * Takes out every path of the range; what a peer never announced is passed over. Where paths wait for
   * room, one that the same UPDATE announces stays: to replace it must not give its place to another.
   * The last path of an address may be kept.
   */
  withdraw(peer: RibPeer, update: Update, range: NlriRange, now: number): void {
    const { reader } = this;
    const counts = peer.counts[this.tables.family];
    if (counts.hasFormer) this.makeWay(peer, counts, 0);
    const replaced = counts.blocked > 0 ? this.announcedBy(peer, update) : undefined;
    reader.reset(update.bytes, range);
    while (reader.next()) {
      const path = this.find(peer, reader);
      if (path === none || replaced?.has(path) === true) continue;
      if (this.kept.has(path) || this.leaving.has(path)) continue;
      counts.withdrawnIn++;
      if (!this.keep(peer, path, now)) this.remove(peer, path);
    }
    // What takes the place of a withdrawn path may follow in the same UPDATE.
    const hasRoom = counts.withPathRoom.size > 0 && !announces(update, this.tables.family);
    if (hasRoom) this.admitPaths(peer);
    if (counts.blocked > 0) this.admitBlocked(peer);
    this.settleCredit(peer);
  }

  /** Takes one path out. Room that this makes under a limit is not filled here. */
  remove(peer: RibPeer, path: PathId): void {
    const { paths, locRib, family } = this.tables;
    const counts = peer.counts[family];
    const prefix = paths.prefix(path);
    const wasAccepted = paths.accepted(path) !== none;
    if (!paths.hasSibling(path)) counts.received--;
    if (wasAccepted && !paths.hasAcceptedSibling(path)) counts.accepted--;
    if (paths.reason(path) === limitBlocked) this.unblock(counts, path);
    if (wasAccepted) this.notePathRoom(peer, prefix);
    this.renew(peer, path);
    paths.unlink(path);
    if (wasAccepted) locRib.removed(prefix, path);
    this.tables.endPath(path, prefix);
  }

  /**
   * Judges a path again by the peer's present settings. Where there is a limit, paths that policy now
   * lets in wait for `admitBlocked`, which takes them in order when all the others are judged.
   */
  rejudge(peer: RibPeer, path: PathId): void {
    if (peer.counts[this.tables.family].isFlushing || this.leaving.has(path)) return;
    this.judgeAgain(peer, path, 'settings');
    const isRefused = this.tables.paths.accepted(path) === none;
    if (isRefused && this.kept.untilOf(path) !== undefined) this.remove(peer, path);
  }

  /**
   * A limit that warns or ends the session has let in prefixes in the place of stale ones. Once none is
   * stale any more, all that is left must be within it.
   */
  settleCredit(peer: RibPeer): void {
    const reached = this.endCredit(peer);
    if (reached !== undefined) this.onLimit?.(peer, reached);
  }

  /** Lets in what any limit held back, as far as there is room. */
  admitWaiting(peer: RibPeer): void {
    this.admitPaths(peer);
    if (peer.counts[this.tables.family].blocked > 0) this.admitBlocked(peer);
  }

  /** Lets in paths that `maxPathsPerPrefix` kept out, lowest identifier first. */
  private admitPaths(peer: RibPeer): void {
    const { paths, family } = this.tables;
    const { withPathRoom, isLeaving } = peer.counts[family];
    if (withPathRoom.size === 0) return;
    const prefixes = [...withPathRoom];
    withPathRoom.clear();
    for (const prefix of isLeaving ? [] : prefixes) {
      let path = paths.firstWaiting(prefix, peer.id);
      while (path !== none && !this.hasAllPaths(peer, path)) {
        this.judgeAgain(peer, path, 'room');
        path = paths.firstWaiting(prefix, peer.id);
      }
    }
  }

  /** Lets in what a limit held back, in order of address, then length, as far as there is room. */
  admitBlocked(peer: RibPeer): void {
    const counts = peer.counts[this.tables.family];
    const { blockedQueue } = counts;
    for (let path = blockedQueue?.first(); path !== undefined; path = blockedQueue?.first()) {
      if (counts.isLeaving || !this.hasRoom(peer, counts, path)) break;
      this.judgeAgain(peer, path, 'room');
      if (blockedQueue?.first() === path) break;
    }
    if (counts.blocked > 0) this.reportBlocked(peer, counts);
  }

  private judgeAgain(peer: RibPeer, path: PathId, cause: Cause): void {
    const { paths, prefixes, family } = this.tables;
    const prefix = prefixes.read(paths.prefix(path), this.scratch);
    this.tripped = undefined;
    this.judge(peer, peer.counts[family], path, prefix, cause);
    if (this.tripped !== undefined) this.onLimit?.(peer, this.tripped);
  }

  private judge(
    peer: RibPeer,
    counts: PeerCounts,
    path: PathId,
    prefix: Prefix,
    cause: Cause,
  ): void {
    const { paths, locRib } = this.tables;
    const was = paths.accepted(path);
    let verdict = this.verdict(peer, paths.received(path), prefix);
    if (verdict > 0 && was === none) {
      if (this.hasAllPaths(peer, path)) verdict = -limitPaths;
      else if (!this.mayComeIn(peer, counts, path, cause)) verdict = -limitBlocked;
    }
    const accepted = this.acceptedAs(path, verdict);
    const reason = verdict < 0 ? -verdict : 0;
    this.count(counts, path, accepted, reason, cause);
    if (reason !== 0) this.noteRefusal(peer, prefix, reason, cause);
    paths.judge(path, accepted, reason);
    if (was !== none && accepted === none) this.notePathRoom(peer, paths.prefix(path));
    locRib.changed(paths.prefix(path), path, was);
    if (was === none && accepted !== none && !this.kept.isEmpty) this.kept.yieldTo(path);
  }

  /** Where a limit may be reached, what is left of the former session goes at once: it must not count. */
  private makeWay(peer: RibPeer, counts: PeerCounts, most: number): void {
    const { maxPathsPerPrefix, acceptedLimit, receivedLimit } = peer.settings;
    const { family } = this.tables;
    const limits = [acceptedLimit[family], receivedLimit[family]];
    const isNear = limits.some((it) => it !== undefined && counts.received + most > it.limit);
    if (isNear || counts.blocked > 0 || maxPathsPerPrefix !== undefined) this.leaving.finish(peer);
  }

  /** What the peer announces now was never announced as far as it knows. */
  private removeFormer(peer: RibPeer, reader: NlriReader): void {
    const path = this.find(peer, reader);
    if (path !== none && this.leaving.has(path)) this.remove(peer, path);
  }

  private keep(peer: RibPeer, path: PathId, now: number): boolean {
    const keepMs = this.tables.classes.keepsLast ? this.kept.termOf(path) : undefined;
    if (keepMs === undefined) return false;
    this.renew(peer, path);
    this.kept.keep(peer, path, now, keepMs);
    return true;
  }

  /** The path is announced again, or goes. True if it must be judged anew for being fresh. */
  private renew(peer: RibPeer, path: PathId): boolean {
    const was = this.tables.paths.staleness(path);
    if (was === Staleness.fresh) return false;
    if (was === Staleness.former) return false;
    if (was !== Staleness.kept) return this.stale.renew(peer, path);
    this.kept.release(path);
    return true;
  }

  private noteRefusal(peer: RibPeer, prefix: Prefix, reason: number, cause: Cause): void {
    const { refusals } = peer.counts[this.tables.family];
    const isFirst = cause === 'update' && refusals[reason] !== Refusal.logged;
    if (isFirst) this.onRefused?.(peer, prefix, reason);
    refusals[reason] = isFirst ? Refusal.logged : Math.max(refusals[reason], Refusal.seen);
  }

  /** Whether as many other paths of the prefix are accepted from the peer as may be. */
  private hasAllPaths({ settings }: RibPeer, path: PathId): boolean {
    const { maxPathsPerPrefix } = settings;
    if (maxPathsPerPrefix === undefined) return false;
    const kept = this.kept.hasSibling(path) ? 1 : 0;
    return this.tables.paths.acceptedSiblings(path) - kept >= maxPathsPerPrefix;
  }

  private notePathRoom({ settings, counts }: RibPeer, prefix: PrefixId): void {
    const { withPathRoom, isLeaving } = counts[this.tables.family];
    if (settings.maxPathsPerPrefix !== undefined && !isLeaving) withPathRoom.add(prefix);
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

  private countReceived(peer: RibPeer, counts: PeerCounts): void {
    const limit = peer.settings.receivedLimit[this.tables.family];
    if (limit !== undefined && !isBelow(limit, counts.received)) {
      this.passes(peer, 'received', limit);
    }
    counts.received++;
  }

  /** Whether limits let in a path that policy accepts and that is not in. */
  private mayComeIn(peer: RibPeer, counts: PeerCounts, path: PathId, cause: Cause): boolean {
    if (this.tripped !== undefined) return false;
    const { family, paths } = this.tables;
    const accepted = peer.settings.acceptedLimit[family];
    const received = peer.settings.receivedLimit[family];
    if (accepted === undefined && received === undefined) return true;
    if (paths.hasAcceptedSibling(path)) return true;
    if (cause === 'settings') return false;
    if (isBelow(accepted, counts.accepted) && isBelow(received, counts.received)) return true;
    if (!this.hasRoom(peer, counts, path)) return false;
    return accepted === undefined || this.passes(peer, 'accepted', accepted);
  }

  /** Whether no limit blocks the path; kept paths give way to it. */
  private hasRoom(peer: RibPeer, counts: PeerCounts, path: PathId): boolean {
    const { paths, family } = this.tables;
    if (paths.hasAcceptedSibling(path)) return true;
    const { acceptedLimit, receivedLimit } = peer.settings;
    const isBlocked =
      paths.reason(path) === limitBlocked || paths.hasRefusedSibling(path, limitBlocked);
    const others = counts.received - counts.blocked - (isBlocked ? 0 : 1);
    const hasRoom =
      room(acceptedLimit[family], counts.accepted) > 0 && room(receivedLimit[family], others) > 0;
    return hasRoom || (this.kept.endOf(peer) && this.hasRoom(peer, counts, path));
  }

  /** Holds one more prefix against a limit that warns or ends the session; `block` is `hasRoom`'s. */
  private passes(peer: RibPeer, which: 'accepted' | 'received', limit: PrefixLimit): boolean {
    const counts = peer.counts[this.tables.family];
    const admission = admit(limit, counts[which]);
    if (admission === 'trip' && this.kept.endOf(peer)) return this.passes(peer, which, limit);
    if (admission === 'admit' || isOnCredit(counts, which, limit)) return true;
    const reached: LimitReached = { family: this.tables.family, counts: which, limit };
    if (admission === 'warn') this.onLimit?.(peer, reached);
    if (admission === 'trip') this.tripped = reached;
    return admission !== 'trip';
  }

  /** The limit that must end the session, now that no path is stale any more; one that warns does so. */
  private endCredit(peer: RibPeer): LimitReached | undefined {
    const { family } = this.tables;
    const counts = peer.counts[family];
    const { onCredit } = counts;
    if (counts.stale > 0 || !(onCredit.accepted || onCredit.received)) return undefined;
    const { acceptedLimit, receivedLimit } = peer.settings;
    const accepted = this.endCreditOf(peer, 'accepted', acceptedLimit[family]);
    return this.endCreditOf(peer, 'received', receivedLimit[family]) ?? accepted;
  }

  private endCreditOf(
    peer: RibPeer,
    which: 'accepted' | 'received',
    limit: PrefixLimit | undefined,
  ): LimitReached | undefined {
    const { family } = this.tables;
    const counts = peer.counts[family];
    if (!counts.onCredit[which]) return undefined;
    counts.onCredit[which] = false;
    if (limit === undefined || limit.action === 'block' || counts[which] <= limit.limit) {
      return undefined;
    }
    const reached: LimitReached = { family, counts: which, limit };
    if (limit.action === 'warning') {
      this.onLimit?.(peer, reached);
      return undefined;
    }
    return this.kept.endOf(peer) && counts[which] <= limit.limit ? undefined : reached;
  }

  private find(peer: RibPeer, reader: NlriReader): PathId {
    const { prefixes, paths } = this.tables;
    const prefix = prefixes.find(reader);
    return (prefix === none ? none : paths.find(prefix, peer.id, reader.pathId)) as PathId;
  }

  /** Of the peer's paths those that the UPDATE announces, again or otherwise. */
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

  /** Moves the path from its old standing to the new one; the columns still hold the old. */
  private count(
    counts: PeerCounts,
    path: PathId,
    accepted: AttrsId,
    reason: number,
    cause: Cause,
  ): void {
    const { paths } = this.tables;
    const wasAccepted = paths.accepted(path) !== none;
    const oldReason = paths.reason(path);
    if (wasAccepted !== (accepted !== none) && !paths.hasAcceptedSibling(path)) {
      counts.accepted += wasAccepted ? -1 : 1;
    }
    const isRefusal = cause === 'update' || (reason !== oldReason && reason !== limitBlocked);
    if (reason !== 0 && isRefusal) counts.rejected[reason]++;
    if (reason === oldReason) return;
    if (oldReason === limitBlocked) this.unblock(counts, path);
    if (reason === limitBlocked) this.block(counts, path);
  }

  private block(counts: PeerCounts, path: PathId): void {
    const { paths } = this.tables;
    counts.blockedQueue ??= new BlockedQueue((a, b) => this.comesBefore(a, b));
    counts.blockedQueue.add(path);
    if (!paths.hasRefusedSibling(path, limitBlocked)) counts.blocked++;
  }

  private unblock(counts: PeerCounts, path: PathId): void {
    const { paths } = this.tables;
    counts.blockedQueue?.remove(path);
    if (!paths.hasRefusedSibling(path, limitBlocked)) counts.blocked--;
    if (counts.blocked === 0) counts.isOverLimit = false;
  }

  private comesBefore(a: PathId, b: PathId): boolean {
    const { paths, prefixes } = this.tables;
    const prefixOfA = prefixes.read(paths.prefix(a), this.scratch);
    const order = comparePrefixes(prefixOfA, prefixes.read(paths.prefix(b), this.otherScratch));
    return (order || paths.pathId(a) - paths.pathId(b)) < 0;
  }

  private reportBlocked(peer: RibPeer, counts: PeerCounts): void {
    if (counts.isOverLimit) return;
    const { family } = this.tables;
    const accepted = peer.settings.acceptedLimit[family];
    const isFull = room(accepted, counts.accepted) === 0;
    const limit = isFull ? accepted : peer.settings.receivedLimit[family];
    if (limit === undefined) return;
    counts.isOverLimit = true;
    this.onLimit?.(peer, { family, counts: isFull ? 'accepted' : 'received', limit });
  }
}

/**
 * Whether one more prefix comes in beyond the limit, in the place of a stale one. Replacing everything within
 * BoRR and EoRR, or after a restart, must not trip a limit that it does not go over: there are as many
 * beyond the limit as are stale, and no more than the limit: a peer that never ends it gets no further.
 */
function isOnCredit(
  counts: PeerCounts,
  which: 'accepted' | 'received',
  { limit, action }: PrefixLimit,
): boolean {
  if (action === 'block' || counts[which] - limit >= Math.min(counts.stale, limit)) return false;
  counts.onCredit[which] = true;
  return true;
}

/** Whether the UPDATE has routes of the family. */
function announces({ mpReach, nlri }: Update, family: Family): boolean {
  const isReached = mpReach.start < mpReach.end && mpReach.family === family;
  return isReached || (nlri.start < nlri.end && nlri.family === family);
}

function isLimited({ settings }: RibPeer, family: Family): boolean {
  return (
    settings.acceptedLimit[family] !== undefined || settings.receivedLimit[family] !== undefined
  );
}
