import { Family } from './constants.ts';
import type { NotificationError } from './notification.ts';
import type { NlriRange } from './path-attributes.ts';

/** What the two OPENs agreed on that affects how an UPDATE is decoded. */
export interface DecodeContext {
  /** 2 if either side lacks the 4-octet AS capability (RFC 6793). */
  readonly asnBytes: 2 | 4;
  /**
   * By `Family`: whether it was negotiated. NLRI of another family are left out of the Update (RFC 4760 §6
   * allows more).
   */
  readonly families: readonly boolean[];
  /** By `Family`: this side receives path identifiers (RFC 7911 §4). */
  readonly addPath: readonly boolean[];
  /** By `Family`: a next hop of the other family is allowed (RFC 8950 §4). */
  readonly extendedNextHop: readonly boolean[];
}

/**
 * Where the parts of one UPDATE lie. It is scratch: owned by its `UpdateDecoder`, valid until the next
 * `decode`. A range with `start === end` is absent.
 *
 * The attribute block contains every path attribute except MP_REACH_NLRI and MP_UNREACH_NLRI, with 4-octet AS
 * numbers throughout, in `attributeBytes` from `attributesStart` to `attributesEnd`: a window on the message
 * itself if the block is one piece there, otherwise on a copy.
 */
export interface Update {
  /** Holds the NLRI ranges and the MP next hop. */
  bytes: Uint8Array;
  /** Withdrawn Routes field (IPv4). */
  readonly withdrawn: NlriRange;
  readonly mpUnreach: NlriRange;
  readonly mpReach: NlriRange;
  /** NLRI field (IPv4). */
  readonly nlri: NlriRange;
  /** Global part of the MP_REACH_NLRI next hop, in `bytes`. */
  nextHopStart: number;
  nextHopEnd: number;
  attributeBytes: Uint8Array;
  attributesStart: number;
  attributesEnd: number;
  /** The family whose initial routing table is complete (RFC 4724 §2). */
  endOfRib: Family | undefined;
  /** Set if this UPDATE has disabled a family. */
  disabled: DisabledFamily | undefined;
}

/**
 * A family whose routes can no longer be identified, in a session that carries another family: it "MUST" be
 * disabled if the session is not ended (RFC 7606 §2, §3 j, RFC 4760 §7).
 */
export interface DisabledFamily {
  readonly family: Family;
  /** The NOTIFICATION that would end the session; its data is the attribute. */
  readonly error: NotificationError;
}

/** One in which every part is absent. */
export function newUpdate(): Update {
  const bytes = new Uint8Array(0);
  return {
    bytes,
    withdrawn: newRange(),
    mpUnreach: newRange(),
    mpReach: newRange(),
    nlri: newRange(),
    nextHopStart: 0,
    nextHopEnd: 0,
    attributeBytes: bytes,
    attributesStart: 0,
    attributesEnd: 0,
    endOfRib: undefined,
    disabled: undefined,
  };
}

function newRange(): NlriRange {
  return { family: Family.ipv4Unicast, start: 0, end: 0, addPath: false };
}

/** Makes the part absent. */
export function clearRange(range: NlriRange): void {
  range.start = 0;
  range.end = 0;
}
