import type { PeerId, PrefixId } from '#policy/ids.ts';
import {
  type ExportJudge,
  type ImportJudge,
  type PrefixLimit,
  rejectReasons,
} from '#policy/policy.ts';
import { families, type Family } from '#wire/constants.ts';
import type { BlockedQueue } from './in/blocked-queue.ts';

/** What the RIB needs to know of a configured peer. Replacing it never resets a session. */
export interface RibPeerSettings {
  readonly name: string;
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly importJudge: ImportJudge;
  /** Absent: nothing is ever advertised to this peer. Peers with equal export settings share it. */
  readonly exportJudge?: ExportJudge;
  /** By `Family`: configured, not negotiated. */
  readonly families: readonly boolean[];
  /** By `Family`. */
  readonly acceptedLimit: readonly (PrefixLimit | undefined)[];
  readonly receivedLimit: readonly (PrefixLimit | undefined)[];
  /** How many paths of a prefix are accepted from a peer that sends several; absent: any number. */
  readonly maxPathsPerPrefix?: number;
  /** Bytes of the attribute sets that its paths may name; absent: any number. */
  readonly maxAttributeBytes?: number;
  readonly honourGracefulShutdown: boolean;
  /** Shared out to like any client, and sent nothing: how a new route server is introduced. */
  readonly isShadow: boolean;
  /** Several paths of a prefix may be sent, if the peer takes them. */
  readonly mayAddPath: boolean;
}

/** What the two OPENs settled for the way out. Peers with equal settings share encoded UPDATEs. */
export interface SendSettings {
  /** By `Family`: negotiated. */
  readonly families: readonly boolean[];
  readonly asnBytes: 2 | 4;
  /** Longest message: 4096, or 65535 (RFC 8654). */
  readonly maxMessageBytes: number;
  /** By `Family`: the peer takes a next hop of the other family (RFC 8950). */
  readonly extendedNextHop: readonly boolean[];
  /** By `Family`: the peer takes several paths of a prefix (RFC 7911). */
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

/** As the last session carried them; of a peer that is not known yet nothing is ruled out. */
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

/** Whether a route was refused for a reason; logged is what an UPDATE brings first. */
export const Refusal = { none: 0, seen: 1, logged: 2 } as const;

/** Counters of one peer and family. Prefixes, not paths: ADD-PATH does not multiply them. */
export class PeerCounts {
  received = 0;
  accepted = 0;
  blocked = 0;
  /** Of the paths received: those that the peer has not announced again since they were marked. */
  stale = 0;
  /** What changes nothing does not count: repeats, and withdrawals of what was never announced. */
  announcedIn = 0;
  withdrawnIn = 0;
  announcedOut = 0;
  withdrawnOut = 0;
  /** Refusals since the start, by code. */
  readonly rejected = new Float64Array(rejectReasons.length);
  /** By code: for which reasons routes of this session were refused, as `Refusal`. */
  readonly refusals = new Uint8Array(rejectReasons.length);
  /**
   * Whether prefixes came in beyond a limit that ends the session or warns, in the place of stale ones that a
   * refresh is about to take out.
   */
  readonly onCredit = { accepted: false, received: false };
  /** Said already that a limit is reached. */
  isOverLimit = false;
  blockedQueue: BlockedQueue | undefined;
  /** Prefixes of which an accepted path went, while others may be waiting for its place. */
  readonly withPathRoom = new Set<PrefixId>();
  /** True from the end of a session until its paths are gone, or the peer is back. */
  isFlushing = false;
  /** Paths of the peer that nothing counts any more are going still, of this session or of one before. */
  hasFormer = false;

  /** Whether paths of the peer are going. */
  get isLeaving(): boolean {
    return this.isFlushing || this.hasFormer;
  }

  /** Whether a limit holds something back that may have room now. */
  get haveWaiting(): boolean {
    return this.blocked > 0 || this.withPathRoom.size > 0;
  }

  /** None of the paths that the peer has announced counts any more. */
  forgetPaths(): void {
    this.received = 0;
    this.accepted = 0;
    this.blocked = 0;
    this.stale = 0;
    this.isOverLimit = false;
    this.blockedQueue = undefined;
    this.withPathRoom.clear();
    Object.assign(this.onCredit, { accepted: false, received: false });
  }
}

/** A configured peer as the RIB keeps it. */
export class RibPeer {
  readonly id: PeerId;
  settings: RibPeerSettings;
  /** By `Family`. */
  readonly counts: readonly PeerCounts[] = families.map(() => new PeerCounts());
  /** Of its attribute sets: when they were last counted, and of sets that were new since. */
  readonly attributeBytes = { counted: 0, added: 0 };
  /** Present while the session is Established. */
  send: SendSettings | undefined;
  /** Of the last session, if any. */
  lastSend: SendSettings | undefined;

  constructor(id: PeerId, settings: RibPeerSettings) {
    this.id = id;
    this.settings = settings;
  }

  isUp(family: Family): boolean {
    return this.send?.families[family] === true;
  }
}

/** Whether the change is none to what clients are sent. */
export function sharesAlike(a: RibPeerSettings, b: RibPeerSettings): boolean {
  return (
    a.exportJudge === b.exportJudge &&
    a.mayAddPath === b.mayAddPath &&
    a.families.join() === b.families.join() &&
    a.address.join() === b.address.join()
  );
}
