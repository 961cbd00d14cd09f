import { admit, room } from '../policy/limit.ts';
import type { PrefixLimit } from '../policy/policy.ts';
import { rejectReasons } from '../policy/policy.ts';
import type { Family } from '../src/wire/constants.ts';
import type { Prefix } from '../src/wire/nlri.ts';
import { NlriReader } from '../src/wire/nlri.ts';
import type { NlriRange } from '../src/wire/path-attributes.ts';
import type { AttrsMemo } from './attrs-memo.ts';
import { BlockedQueue } from './blocked-queue.ts';
import type { AttrsId, PathId, PeerId } from './ids.ts';
import { none } from './ids.ts';
import { comparePrefixes } from './prefix-order.ts';
import { scratchPrefix } from './prefix-table.ts';
import type { PeerCounts, RibPeer } from './rib-peer.ts';
import type { Tables } from './tables.ts';

/** A limit that a prefix has gone over; `counts` says of which count. */
export interface LimitReached {
  readonly family: Family;
  readonly counts: 'accepted' | 'received';
  readonly limit: PrefixLimit;
}

const limitBlocked = rejectReasons.indexOf('limit_blocked');

/**
 * Adj-RIB-In of all peers, one family: keeps what was received and what import policy made of it,
 * counts, holds limits, and tells the Loc-RIB what changed. Steps 5 to 7 of the walk.
 */
export class AdjRibIn {
  /** A limit was reached whose action leaves the session up: once until there is room again. */
  onLimit: ((peer: RibPeer, reached: LimitReached) => void) | undefined;
  private readonly tables: Tables;
  private readonly verdicts: AttrsMemo;
  private readonly reader = new NlriReader();
  private readonly scratch;
  /** Set by the prefix that went over a limit whose action ends the session. */
  private tripped: LimitReached | undefined;

  constructor(tables: Tables, verdicts: AttrsMemo) {
    this.tables = tables;
    this.verdicts = verdicts;
    this.scratch = scratchPrefix(tables.family);
  }

  /** Every prefix of the range, all with these attributes. Stops at a limit that ends the session. */
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
    this.tripped = undefined;
    reader.reset(bytes, range);
    while (reader.next() && this.tripped === undefined) {
      counts.announcedIn++;
      const prefix = prefixes.intern(reader);
      let path = paths.find(prefix, peer.id, reader.pathId);
      let withinReceived = true;
      if (path === none) {
        path = paths.add(prefix, peer.id, reader.pathId);
        withinReceived = this.countReceived(peer, counts, path);
      } else if (paths.received(path) === attrs) continue;
      paths.setReceived(path, attrs, now);
      this.judge(peer, counts, path, reader, withinReceived);
    }
    return this.tripped;
  }

  /** Takes out every path of the range; what a peer never announced is passed over. */
  withdraw(peer: RibPeer, bytes: Uint8Array, range: NlriRange): void {
    const { reader } = this;
    const { prefixes, paths, family } = this.tables;
    const counts = peer.counts[family];
    reader.reset(bytes, range);
    while (reader.next()) {
      counts.withdrawnIn++;
      const prefix = prefixes.find(reader);
      const path = prefix === none ? none : paths.find(prefix, peer.id, reader.pathId);
      if (path !== none) this.remove(peer, path as PathId);
    }
    if (counts.blocked > 0) this.admitBlocked(peer);
  }

  /** Takes one path out. Room that this makes under a limit is not filled here. */
  remove(peer: RibPeer, path: PathId): void {
    const { paths, locRib, family } = this.tables;
    const counts = peer.counts[family];
    const prefix = paths.prefix(path);
    const wasAccepted = paths.accepted(path) !== none;
    if (!paths.hasSibling(path)) counts.received--;
    if (wasAccepted && !paths.hasAcceptedSibling(path)) counts.accepted--;
    if (paths.reason(path) === limitBlocked) counts.blocked--;
    paths.unlink(path);
    if (wasAccepted) locRib.removed(prefix, path);
    paths.free(path);
    this.tables.releaseIfUnused(prefix);
  }

  /** Judges a path again by the peer's present policy and limits. */
  rejudge(peer: RibPeer, path: PathId): void {
    const { paths, prefixes, family } = this.tables;
    const prefix = prefixes.read(paths.prefix(path), this.scratch);
    this.judge(peer, peer.counts[family], path, prefix, true);
  }

  /** Lets in what a limit held back, in order of address, then length, as far as there is room. */
  admitBlocked(peer: RibPeer): void {
    const { family } = this.tables;
    const counts = peer.counts[family];
    const limit = peer.settings.acceptedLimit[family];
    while (counts.blocked > 0 && room(limit, counts.accepted) > 0) {
      const path = counts.blockedQueue?.take();
      if (path === undefined) break;
      if (this.isBlocked(path, peer.id)) this.rejudge(peer, path);
    }
    if (counts.blocked === 0) counts.isOverLimit = false;
  }

  private judge(
    peer: RibPeer,
    counts: PeerCounts,
    path: PathId,
    prefix: Prefix,
    withinReceived: boolean,
  ): void {
    const { paths, locRib } = this.tables;
    const was = paths.accepted(path);
    let verdict = this.verdict(peer, paths.received(path), prefix);
    if (verdict > 0 && was === none && !this.hasRoom(peer, counts, path, withinReceived)) {
      verdict = -limitBlocked;
    }
    const accepted = (verdict > 0 ? verdict : none) as AttrsId;
    this.count(counts, path, accepted, -Math.min(verdict, 0));
    paths.judge(path, accepted, -Math.min(verdict, 0));
    if (verdict === -limitBlocked) this.queueBlocked(counts, path);
    locRib.changed(paths.prefix(path), path, was);
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

  /** Counts a new path; false when the limit of received prefixes keeps it from being accepted. */
  private countReceived(peer: RibPeer, counts: PeerCounts, path: PathId): boolean {
    if (this.tables.paths.hasSibling(path)) return true;
    const limit = peer.settings.receivedLimit[this.tables.family];
    counts.received++;
    return limit === undefined || this.passes(peer, counts, 'received', limit, counts.received - 1);
  }

  private hasRoom(
    peer: RibPeer,
    counts: PeerCounts,
    path: PathId,
    withinReceived: boolean,
  ): boolean {
    const limit = peer.settings.acceptedLimit[this.tables.family];
    if (!withinReceived) return false;
    if (limit === undefined || this.tables.paths.hasAcceptedSibling(path)) return true;
    return this.passes(peer, counts, 'accepted', limit, counts.accepted);
  }

  private passes(
    peer: RibPeer,
    counts: PeerCounts,
    which: 'accepted' | 'received',
    limit: PrefixLimit,
    used: number,
  ): boolean {
    const admission = admit(limit, used);
    if (admission === 'admit') return true;
    const reached: LimitReached = { family: this.tables.family, counts: which, limit };
    if (admission === 'trip') this.tripped = reached;
    else if (admission === 'warn' || !counts.isOverLimit) this.onLimit?.(peer, reached);
    counts.isOverLimit = true;
    return admission === 'warn';
  }

  /** Moves the path from its old standing to the new one; the columns still hold the old. */
  private count(counts: PeerCounts, path: PathId, accepted: AttrsId, reason: number): void {
    const { paths } = this.tables;
    const wasAccepted = paths.accepted(path) !== none;
    if (wasAccepted !== (accepted !== none) && !paths.hasAcceptedSibling(path)) {
      counts.accepted += wasAccepted ? -1 : 1;
    }
    if (paths.reason(path) === limitBlocked) counts.blocked--;
    if (reason === limitBlocked) counts.blocked++;
    if (reason !== 0) counts.rejected[reason]++;
  }

  private isBlocked(path: PathId, peer: PeerId): boolean {
    const { paths } = this.tables;
    return paths.peer(path) === peer && paths.reason(path) === limitBlocked;
  }

  private queueBlocked(counts: PeerCounts, path: PathId): void {
    const { paths, prefixes, family } = this.tables;
    const other = scratchPrefix(family);
    counts.blockedQueue ??= new BlockedQueue((a, b) => {
      const prefixOfA = prefixes.read(paths.prefix(a), this.scratch);
      return comparePrefixes(prefixOfA, prefixes.read(paths.prefix(b), other)) < 0;
    });
    const { blockedQueue } = counts;
    if (blockedQueue.size > 2 * counts.blocked + 64)
      blockedQueue.keep((old) => this.isBlocked(old, paths.peer(path)));
    blockedQueue.add(path);
  }
}
