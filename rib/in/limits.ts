import type { PathId } from '#policy/ids.ts';
import { admit, isBelow, room } from '#policy/limit.ts';
import { type PrefixLimit, rejectReasons } from '#policy/policy.ts';
import type { LimitReached } from '../rib-events.ts';
import type { PeerCounts, RibPeer } from '../rib-peer.ts';
import type { Tables } from '../tables/tables.ts';
import type { KeptPaths } from './kept-paths.ts';

const limitBlocked = rejectReasons.indexOf('limit_blocked');

type Counted = 'accepted' | 'received';

/** What peers may send at most, one family, held against their counts. */
export class Limits {
  /**
   * A limit was reached: one that leaves the session up, once until there is room again; or, when
   * settings changed, one that must end it.
   */
  onReached: ((peer: RibPeer, reached: LimitReached) => void) | undefined;
  /** Set by the prefix that went over a limit whose action ends the session. */
  tripped: LimitReached | undefined;
  private readonly tables: Tables;
  private readonly kept: KeptPaths;

  constructor(tables: Tables, kept: KeptPaths) {
    this.tables = tables;
    this.kept = kept;
  }

  /** One more prefix has been received. */
  countReceived(peer: RibPeer, counts: PeerCounts): void {
    const limit = peer.settings.receivedLimit[this.tables.family];
    if (limit !== undefined && !isBelow(limit, counts.received)) {
      this.passes(peer, 'received', limit);
    }
    counts.received++;
  }

  /** Whether a path that policy accepts, and that is not in, may come in at once. `mayWait`: others come first. */
  mayComeIn(peer: RibPeer, counts: PeerCounts, path: PathId, mayWait: boolean): boolean {
    if (this.tripped !== undefined) return false;
    const { family, paths } = this.tables;
    const accepted = peer.settings.acceptedLimit[family];
    const received = peer.settings.receivedLimit[family];
    if (accepted === undefined && received === undefined) return true;
    if (paths.hasAcceptedSibling(path)) return true;
    if (mayWait) return false;
    if (isBelow(accepted, counts.accepted) && isBelow(received, counts.received)) return true;
    if (!this.hasRoom(peer, counts, path)) return false;
    return accepted === undefined || this.passes(peer, 'accepted', accepted);
  }

  /** Whether no limit blocks the path; kept paths give way to it. */
  hasRoom(peer: RibPeer, counts: PeerCounts, path: PathId): boolean {
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

  /** Whether as many other paths of the prefix are accepted from the peer as may be. */
  hasAllPaths({ settings }: RibPeer, path: PathId): boolean {
    const { maxPathsPerPrefix } = settings;
    if (maxPathsPerPrefix === undefined) return false;
    const kept = this.kept.hasSibling(path) ? 1 : 0;
    return this.tables.paths.acceptedSiblings(path) - kept >= maxPathsPerPrefix;
  }

  /**
   * A limit that warns or ends the session has let in prefixes in the place of stale ones. Once none is
   * stale any more, all that is left must be within it. Returns the limit that must end the session.
   */
  endCredit(peer: RibPeer): LimitReached | undefined {
    const { family } = this.tables;
    const { stale, onCredit } = peer.counts[family];
    if (stale > 0 || !(onCredit.accepted || onCredit.received)) return undefined;
    const { acceptedLimit, receivedLimit } = peer.settings;
    const accepted = this.endCreditOf(peer, 'accepted', acceptedLimit[family]);
    return this.endCreditOf(peer, 'received', receivedLimit[family]) ?? accepted;
  }

  /** As `endCredit`, where nobody waits for the answer. */
  settleCredit(peer: RibPeer): void {
    const reached = this.endCredit(peer);
    if (reached !== undefined) this.onReached?.(peer, reached);
  }

  /** Says that something is blocked, once. */
  reportBlocked(peer: RibPeer, counts: PeerCounts): void {
    if (counts.isOverLimit) return;
    const { family } = this.tables;
    const accepted = peer.settings.acceptedLimit[family];
    const isFull = room(accepted, counts.accepted) === 0;
    const limit = isFull ? accepted : peer.settings.receivedLimit[family];
    if (limit === undefined) return;
    counts.isOverLimit = true;
    this.onReached?.(peer, { family, counts: isFull ? 'accepted' : 'received', limit });
  }

  /** Holds one more prefix against a limit that warns or ends the session; `block` is `hasRoom`'s. */
  private passes(peer: RibPeer, which: Counted, limit: PrefixLimit): boolean {
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
    which: Counted,
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
 * Whether one more prefix comes in beyond the limit, in the place of a stale one. Replacing everything within
 * BoRR and EoRR, or after a restart, must not trip a limit that it does not go over: there are as many
 * beyond the limit as are stale, and no more than the limit: a peer that never ends it gets no further.
 */
function isOnCredit(counts: PeerCounts, which: Counted, { limit, action }: PrefixLimit): boolean {
  if (action === 'block' || counts[which] - limit >= Math.min(counts.stale, limit)) return false;
  counts.onCredit[which] = true;
  return true;
}
