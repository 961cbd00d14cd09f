import type { Family } from './constants.ts';
import type { NlriRange } from './path-attributes.ts';

/** What the two OPENs settled that changes how an UPDATE reads. */
export interface DecodeContext {
  /** 2 when either side lacks the 4-octet AS capability (RFC 6793). */
  readonly asnBytes: 2 | 4;
  /** By `Family`: negotiated. NLRI of another family are left out of the Update (RFC 4760 §6 allows more). */
  readonly families: readonly boolean[];
  /** By `Family`: this side receives path identifiers (RFC 7911 §4). */
  readonly addPath: readonly boolean[];
  /** By `Family`: a next hop of the other family is welcome (RFC 8950 §4). */
  readonly extendedNextHop: readonly boolean[];
}

/**
 * Where the parts of one UPDATE lie. Scratch: owned by its `UpdateDecoder`, valid until the next
 * `decode`. A range with `start === end` is absent.
 *
 * The attribute block is every path attribute but MP_REACH_NLRI and MP_UNREACH_NLRI, 4-octet AS
 * numbers throughout, in `attributeBytes` from `attributesStart` to `attributesEnd`: a window on the
 * message itself where that is one piece, else on a copy.
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
  /** Global half of the MP_REACH_NLRI next hop, in `bytes`. */
  nextHopStart: number;
  nextHopEnd: number;
  attributeBytes: Uint8Array;
  attributesStart: number;
  attributesEnd: number;
  /** The family whose table is complete (RFC 4724 §2). */
  endOfRib: Family | undefined;
}
