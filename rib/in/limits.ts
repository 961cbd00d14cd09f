import type { PathId } from '#policy/ids.ts';
import { admit, isBelow, type PrefixLimit, remaining } from '#policy/limit.ts';
import { limitBlocked } from '#policy/reasons.ts';
import type { FamilyTables } from '../family-tables.ts';
import type { LimitReached } from '../rib-events.ts';
import type { PeerCounts, RibPeer } from '../rib-peer.ts';
import type { Counted } from '../tables/path-siblings.ts';
import type { KeptPaths } from './kept-paths.ts';

/** What can be limited. */
type Limited = Exclude<Counted, 'blocked'>;

/** The limits of peers for one family, enforced against their counts. */
export class Limits {
  /**
   * Called when a limit is reached. For a limit that leaves the session up, this is once until there is space again; it
   * is also called when settings changed and a limit must end the session.
   */
  onReached: ((peer: RibPeer, reached: LimitReached) => void) | undefined;
  /** Set by the prefix that exceeded a limit whose action ends the session. */
  tripped: LimitReached | undefined;
  private readonly tables: FamilyTables;
  private readonly kept: KeptPaths;

  constructor(tables: FamilyTables, kept: KeptPaths) {
    this.tables = tables;
    this.kept = kept;
  }

  /** Counts one more received prefix. */
  countReceived(peer: RibPeer, counts: PeerCounts): void {
    const limit = peer.settings.receivedLimit[this.tables.family];
    if (limit !== undefined && !isBelow(limit, counts.received)) {
      this.passes(peer, 'received', limit);
    }
    counts.received++;
  }

  /**
   * Returns whether a path that policy accepts, and that was not accepted before, may come in at once. With `mayWait`,
   * others come first.
   */
  mayComeIn(peer: RibPeer, counts: PeerCounts, path: PathId, mayWait: boolean): boolean {
    if (this.tripped !== undefined) return false;
    const { family, siblings } = this.tables;
    const accepted = peer.settings.acceptedLimit[family];
    const received = peer.settings.receivedLimit[family];
    if (accepted === undefined && received === undefined) return true;
    if (siblings.has(path, 'accepted')) return true;
    if (mayWait) return false;
    if (isBelow(accepted, counts.accepted) && isBelow(received, counts.received)) return true;
    if (!this.hasRoom(peer, counts, path)) return false;
    return accepted === undefined || this.passes(peer, 'accepted', accepted);
  }

  /** Returns whether no limit blocks the path; kept paths give way to it. */
  hasRoom(peer: RibPeer, counts: PeerCounts, path: PathId): boolean {
    const { paths, siblings, family } = this.tables;
    if (siblings.has(path, 'accepted')) return true;
    const { acceptedLimit, receivedLimit } = peer.settings;
    const isBlocked = paths.reason(path) === limitBlocked || siblings.has(path, 'blocked');
    const others = counts.received - counts.blocked - (isBlocked ? 0 : 1);
    const hasRoom =
      remaining(acceptedLimit[family], counts.accepted) > 0 &&
      remaining(receivedLimit[family], others) > 0;
    return hasRoom || (this.kept.endOf(peer) && this.hasRoom(peer, counts, path));
  }

  /** Returns whether the maximum of other paths of the prefix is already accepted from the peer. */
  hasAllPaths({ settings }: RibPeer, path: PathId): boolean {
    const { maxPathsPerPrefix } = settings;
    if (maxPathsPerPrefix === undefined) return false;
    const kept = this.kept.hasSibling(path) ? 1 : 0;
    return this.tables.siblings.accepted(path) - kept >= maxPathsPerPrefix;
  }

  /**
   * A limit that warns or ends the session has accepted prefixes in place of stale ones. Once no path is stale any
   * more, the remaining ones must be within the limit. Returns the limit that must end the session.
   */
  endCredit(peer: RibPeer): LimitReached | undefined {
    const { family } = this.tables;
    const { stale, onCredit } = peer.counts[family];
    if (stale > 0 || !(onCredit.accepted || onCredit.received)) return undefined;
    const { acceptedLimit, receivedLimit } = peer.settings;
    const accepted = this.endCreditOf(peer, 'accepted', acceptedLimit[family]);
    return this.endCreditOf(peer, 'received', receivedLimit[family]) ?? accepted;
  }

  /** As `endCredit`, for callers that do not need the answer. */
  settleCredit(peer: RibPeer): void {
    const reached = this.endCredit(peer);
    if (reached !== undefined) this.onReached?.(peer, reached);
  }

  /** Reports once that something is blocked. */
  reportBlocked(peer: RibPeer, counts: PeerCounts): void {
    if (counts.isOverLimit) return;
    const { family } = this.tables;
    const accepted = peer.settings.acceptedLimit[family];
    const isFull = remaining(accepted, counts.accepted) === 0;
    const limit = isFull ? accepted : peer.settings.receivedLimit[family];
    if (limit === undefined) return;
    counts.isOverLimit = true;
    this.onReached?.(peer, { family, counts: isFull ? 'accepted' : 'received', limit });
  }

  /** Checks one more prefix against a limit that warns or ends the session; `block` is checked by `hasRoom`. */
  private passes(peer: RibPeer, which: Limited, limit: PrefixLimit): boolean {
    const counts = peer.counts[this.tables.family];
    const admission = admit(limit, counts[which]);
    if (admission === 'trip' && this.kept.endOf(peer)) return this.passes(peer, which, limit);
    if (admission === 'admit' || isOnCredit(counts, which, limit)) return true;
    const reached: LimitReached = { family: this.tables.family, counts: which, limit };
    if (admission === 'warn') this.onReached?.(peer, reached);
    if (admission === 'trip') this.tripped = reached;
    return admission !== 'trip';
  }

  private endCreditOf(
    peer: RibPeer,
    which: Limited,
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
      this.onReached?.(peer, reached);
      return undefined;
    }
    return this.kept.endOf(peer) && counts[which] <= limit.limit ? undefined : reached;
  }
}

/**
 * Returns whether one more prefix is accepted beyond the limit, in place of a stale one. A peer that announces
 * everything again between BoRR and EoRR, or after a restart, must not trip a limit that its routes do not exceed. So
 * as many prefixes as are stale are accepted beyond the limit, but no more than the limit itself: a peer that never
 * finishes gets no further.
 */
function isOnCredit(counts: PeerCounts, which: Limited, { limit, action }: PrefixLimit): boolean {
  if (action === 'block' || counts[which] - limit >= Math.min(counts.stale, limit)) return false;
  counts.onCredit[which] = true;
  return true;
}
