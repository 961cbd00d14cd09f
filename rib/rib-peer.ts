import type { PeerId, PrefixId } from '#policy/ids.ts';
import type { ExportJudge, ImportJudge } from '#policy/judge.ts';
import type { PrefixLimit } from '#policy/limit.ts';
import { rejectReasons } from '#policy/reasons.ts';
import { families, type Family } from '#wire/constants.ts';
import type { BlockedQueue } from './in/blocked-queue.ts';

/** What the RIB needs to know about a configured peer. Replacing it never resets a session. */
export interface RibPeerSettings {
  readonly name: string;
  /** The AS of its session, or the one that is expected; 0 if neither is known. Export policies may look at it. */
  readonly peerAs: number;
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly importJudge: ImportJudge;
  /** Absent: nothing is ever advertised to this peer. Peers with equal export settings share the object. */
  readonly exportJudge?: ExportJudge;
  /** By `Family`: whether it is configured, not negotiated. */
  readonly families: readonly boolean[];
  /** By `Family`. */
  readonly acceptedLimit: readonly (PrefixLimit | undefined)[];
  readonly receivedLimit: readonly (PrefixLimit | undefined)[];
  /** How many paths of a prefix are accepted from a peer that sends several; absent: any number. */
  readonly maxPathsPerPrefix?: number;
  /** The most bytes of the attribute sets that its paths may refer to; absent: any number. */
  readonly maxAttributeBytes?: number;
  readonly honourGracefulShutdown: boolean;
  /**
   * Its routes are determined as for any client, but it is sent nothing: this is how a new route server is introduced.
   */
  readonly isShadow: boolean;
  /** Whether it may be sent several paths of a prefix, if the peer accepts them. */
  readonly mayAddPath: boolean;
}

/** What the two OPENs settled for sending. Peers with equal settings share encoded UPDATEs. */
export interface SendSettings {
  /** By `Family`: whether it is negotiated. */
  readonly families: readonly boolean[];
  readonly asnBytes: 2 | 4;
  /** The longest message: 4096, or 65535 (RFC 8654). */
  readonly maxMessageBytes: number;
  /** By `Family`: the peer accepts a next hop of the other family (RFC 8950). */
  readonly extendedNextHop: readonly boolean[];
  /** By `Family`: the peer accepts several paths of a prefix (RFC 7911). */
  readonly addPath: readonly boolean[];
  /** The peer has the long-lived graceful restart capability (RFC 9494). */
  readonly longLived: boolean;
}

/** Which routes of one family a session can carry. */
export interface Carriage {
  /** Next hops of the other family (RFC 8950). */
  readonly anyNextHop: boolean;
  /** Long-lived stale routes (RFC 9494 §4.3). */
  readonly longLived: boolean;
  readonly asnBytes: 2 | 4;
  readonly addPath: boolean;
  readonly maxMessageBytes: number;
}

/** Returns what the last session could carry; for a peer that has had none, nothing is ruled out. */
export function carriageOf(send: SendSettings | undefined, family: Family): Carriage {
  if (send === undefined) return anything;
  const { longLived, asnBytes, maxMessageBytes } = send;
  const addPath = send.addPath[family];
  return {
    anyNextHop: send.extendedNextHop[family],
    longLived,
    asnBytes,
    addPath,
    maxMessageBytes,
  };
}

const anything: Carriage = {
  anyNextHop: true,
  longLived: true,
  asnBytes: 4,
  addPath: false,
  maxMessageBytes: 65_535,
};

/** Whether a route was refused for a reason; only the first refusal by an UPDATE is logged. */
export const Refusal = { none: 0, seen: 1, logged: 2 } as const;

/** The counters of one peer and family. They count prefixes, not paths, so ADD-PATH does not multiply them. */
export class PeerCounts {
  received = 0;
  accepted = 0;
  blocked = 0;
  /** Paths that the peer has not announced again since they were marked. */
  stale = 0;
  /** What the first three counts will be once stale paths are removed; out of date if there are none. */
  readonly lasting = { received: 0, accepted: 0, blocked: 0 };
  /** Repetitions, and withdrawals of what was never announced, are not counted. */
  announcedIn = 0;
  withdrawnIn = 0;
  announcedOut = 0;
  withdrawnOut = 0;
  /** Refusals since the start, by code of the reason. */
  readonly rejected = new Float64Array(rejectReasons.length);
  /** By code: for which reasons routes of this session were refused, as `Refusal`. */
  readonly refusals = new Uint8Array(rejectReasons.length);
  /**
   * Whether prefixes were accepted beyond a limit that warns or ends the session, in place of stale ones that a refresh
   * is about to remove.
   */
  readonly onCredit = { accepted: false, received: false };
  /** Whether it was already reported that a limit is reached. */
  isOverLimit = false;
  blockedQueue: BlockedQueue | undefined;
  /** Prefixes of which an accepted path was removed while others may be waiting for its place. */
  readonly withPathRoom = new Set<PrefixId>();
  /** As `withPathRoom`, once stale paths are removed. */
  readonly withSweepRoom = new Set<PrefixId>();
  /** What waits for room is being let in, in slices. */
  isAdmitting = false;
  /** True from the end of a session until its paths are gone, or the peer is back. */
  isFlushing = false;
  /**
   * Whether paths of the peer that nothing counts any more are still being removed, from this session or an earlier
   * one.
   */
  hasFormer = false;

  /** Whether paths of the peer are being removed. */
  get isLeaving(): boolean {
    return this.isFlushing || this.hasFormer;
  }

  /** Whether a limit holds back something for which there may be space now. */
  get haveWaiting(): boolean {
    return this.blocked > 0 || this.withPathRoom.size > 0;
  }

  /** Counts this many paths more as stale, which are all that the peer has except those that are kept. */
  markStale(marked: number, kept: number): void {
    this.stale += marked;
    Object.assign(this.lasting, { received: kept, accepted: kept, blocked: 0 });
    this.withSweepRoom.clear();
  }

  /** From now on no stale path counts any more. */
  forgetStale(): void {
    if (this.stale === 0) return;
    this.stale = 0;
    Object.assign(this, this.lasting);
    if (this.blocked === 0) this.isOverLimit = false;
    for (const prefix of this.withSweepRoom) this.withPathRoom.add(prefix);
    this.withSweepRoom.clear();
  }

  /** From now on none of the paths that the peer has announced counts any more. */
  forgetPaths(): void {
    this.received = 0;
    this.accepted = 0;
    this.blocked = 0;
    this.stale = 0;
    this.isOverLimit = false;
    this.blockedQueue = undefined;
    this.withPathRoom.clear();
    this.withSweepRoom.clear();
    Object.assign(this.onCredit, { accepted: false, received: false });
  }
}

/** A configured peer as the RIB stores it. */
export class RibPeer {
  readonly id: PeerId;
  settings: RibPeerSettings;
  /** By `Family`. */
  readonly counts: readonly PeerCounts[] = families.map(() => new PeerCounts());
  /** The bytes of its attribute sets when they were last counted, and of sets that were new since. */
  readonly attributeBytes = { counted: 0, added: 0 };
  /** Present while the session is Established. */
  send: SendSettings | undefined;
  /** The settings of the last session, if there was one. */
  lastSend: SendSettings | undefined;

  constructor(id: PeerId, settings: RibPeerSettings) {
    this.id = id;
    this.settings = settings;
  }

  isUp(family: Family): boolean {
    return this.send?.families[family] === true;
  }
}

/** Returns whether the change makes no difference to what clients are sent. */
export function sharesAlike(a: RibPeerSettings, b: RibPeerSettings): boolean {
  return (
    a.exportJudge === b.exportJudge &&
    a.mayAddPath === b.mayAddPath &&
    a.families.join() === b.families.join() &&
    a.address.join() === b.address.join()
  );
}
