import { AttributeHeader } from './attribute-header.ts';
import { decodeAttributes } from './attributes.ts';
import { AttributeFlag, AttributeType, families, Family, familyOf } from './constants.ts';
import { countNlri } from './nlri.ts';
import { NotificationError } from './notification.ts';
import { readU16 } from './octets.ts';
import type { NlriRange } from './path-attributes.ts';
import { widenAttributes } from './two-octet.ts';

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

/** The two MP attributes cut the others into three pieces at most. */
const maxPieces = 3;
const flagsToMatch = AttributeFlag.optional | AttributeFlag.transitive;

/**
 * Finds the parts of UPDATEs without decoding the attributes: `decodeAttributes` does that, once for each
 * distinct block. Allocates nothing in the usual case: a 4-octet peer, and the MP attributes first or last.
 */
export class UpdateDecoder {
  private readonly update: Update = newUpdate();
  private readonly header = new AttributeHeader();
  /** Where the attributes of the block lie in the message. */
  private readonly pieceStarts = new Int32Array(maxPieces);
  private readonly pieceEnds = new Int32Array(maxPieces);
  private pieces = 0;
  private gathered: Uint8Array = new Uint8Array(0);
  private widened: Uint8Array = new Uint8Array(0);
  private hasMpReach = false;
  private hasMpUnreach = false;
  /** Any attribute except MP_UNREACH_NLRI is present. */
  private hasOthers = false;
  /** Reachable NLRI of any family are present, negotiated or not (RFC 7606 §5.2). */
  private isReachable = false;
  /** By `Family`: in use in this session, and not disabled. */
  private readonly inUse = families.map(() => false);
  private readonly isDisabled = families.map(() => false);
  /** What `inUse` was filled from. */
  private negotiated: readonly boolean[] = [];

  /**
   * Decodes the body `start..end` of one UPDATE. The result is scratch: valid until the next call. Throws
   * NotificationError if the parts of the UPDATE cannot be told apart, since it is then unknown which routes
   * were meant (RFC 7606 §3 j), and for any malformed attribute without reachable routes (§5.2). If the routes
   * of one of several families are spoilt, that family is disabled instead: its NLRI are skipped, in this
   * UPDATE and all later ones. Each session has its own decoder.
   */
  decode(bytes: Uint8Array, start: number, end: number, context: DecodeContext): Update {
    const withdrawnEnd = fieldEnd(bytes, start, end);
    const attributesEnd = fieldEnd(bytes, withdrawnEnd, end);
    this.reset(bytes, context);
    this.isReachable = attributesEnd < end;
    this.readAttributes(withdrawnEnd + 2, attributesEnd, context);
    if (this.inUse[Family.ipv4Unicast]) {
      const { withdrawn, nlri } = this.update;
      setClassicRange(bytes, withdrawn, start + 2, withdrawnEnd, context);
      setClassicRange(bytes, nlri, attributesEnd, end, context);
    }
    this.placeBlock(context.asnBytes);
    if (this.isReachable) return this.update;
    if (this.hasOthers) this.checkWithoutRoutes();
    else if (withdrawnEnd === start + 2) this.update.endOfRib = this.endOfRib();
    return this.update;
  }

  private reset(bytes: Uint8Array, context: DecodeContext): void {
    const { update } = this;
    if (context.families !== this.negotiated) this.use(context.families);
    update.disabled = undefined;
    update.bytes = bytes;
    clear(update.withdrawn);
    clear(update.mpUnreach);
    clear(update.mpReach);
    clear(update.nlri);
    update.nextHopStart = 0;
    update.nextHopEnd = 0;
    update.endOfRib = undefined;
    this.pieces = 0;
    this.hasMpReach = false;
    this.hasMpUnreach = false;
    this.hasOthers = false;
  }

  private use(negotiated: readonly boolean[]): void {
    const { inUse, isDisabled } = this;
    for (let i = 0; i < inUse.length; i++) inUse[i] = negotiated[i] && !isDisabled[i];
    this.negotiated = negotiated;
  }

  private readAttributes(start: number, end: number, context: DecodeContext): void {
    const { bytes } = this.update;
    const { header } = this;
    for (let at = start; at < end; at = header.end) {
      if (!header.read(bytes, at, end)) this.checkOverrun();
      const { type } = header;
      if (type !== AttributeType.mpUnreachNlri) this.hasOthers = true;
      const isMp = type === AttributeType.mpReachNlri || type === AttributeType.mpUnreachNlri;
      if (isMp) this.readMp(at, context);
      else this.keep(at, header.end);
    }
  }

  /** Reads MP_REACH_NLRI or MP_UNREACH_NLRI: an error in it spoils the family that it names. */
  private readMp(at: number, context: DecodeContext): void {
    const { type } = this.header;
    if (type === AttributeType.mpReachNlri ? this.hasMpReach : this.hasMpUnreach) {
      throw new NotificationError('malformedAttributeList');
    }
    if (type === AttributeType.mpReachNlri) this.hasMpReach = true;
    else this.hasMpUnreach = true;
    const family = this.familyAt();
    // The family is disabled, so its content does not matter.
    if (family !== undefined && this.isDisabled[family]) return this.passOver();
    try {
      if (type === AttributeType.mpReachNlri) this.readMpReach(at, family, context);
      else this.readMpUnreach(at, family, context);
    } catch (error) {
      if (!(error instanceof NotificationError) || !this.mayDisable(family)) throw error;
      this.disable(family, error);
    }
  }

  /**
   * Returns the family by AFI and SAFI, the first three octets; `undefined` if they are missing, or the family
   * is not supported.
   */
  private familyAt(): Family | undefined {
    const { start, end } = this.header;
    const { bytes } = this.update;
    return end - start < 3 ? undefined : familyOf(readU16(bytes, start), bytes[start + 2]);
  }

  /** "AFI/SAFI disable" requires that another family remains. */
  private mayDisable(family: Family | undefined): family is Family {
    if (family === undefined || !this.inUse[family]) return false;
    return this.inUse.some((isInUse, other) => isInUse && other !== family);
  }

  private disable(family: Family, error: NotificationError): void {
    this.isDisabled[family] = true;
    this.inUse[family] = false;
    const { mpReach, mpUnreach } = this.update;
    if (mpReach.family === family) clear(mpReach);
    if (mpUnreach.family === family) clear(mpUnreach);
    this.update.disabled = { family, error };
    this.passOver();
  }

  /** Skips an attribute of a disabled family. It may name reachable routes; if it does, they do not matter. */
  private passOver(): void {
    if (this.header.type === AttributeType.mpReachNlri) this.isReachable = true;
  }

  /**
   * RFC 7606 §4 treats the routes as withdrawn, which requires that they are known. They are not if the
   * attribute that is cut off is an MP attribute, or if no MP attribute was found before (§3 j, §5.1).
   */
  private checkOverrun(): void {
    const { type } = this.header;
    const isMp = type === AttributeType.mpReachNlri || type === AttributeType.mpUnreachNlri;
    if (isMp || !this.isReachable) throw new NotificationError('malformedAttributeList');
  }

  private keep(start: number, end: number): void {
    const last = this.pieces - 1;
    if (last >= 0 && this.pieceEnds[last] === start) {
      this.pieceEnds[last] = end;
      return;
    }
    this.pieceStarts[this.pieces] = start;
    this.pieceEnds[this.pieces] = end;
    this.pieces++;
  }

  /** AFI, SAFI, Length of Next Hop, Next Hop, Reserved, NLRI (RFC 4760 §3). */
  private readMpReach(at: number, family: Family | undefined, context: DecodeContext): void {
    const { update } = this;
    const { bytes } = update;
    const { start, end } = this.header;
    this.checkMpFlags(at, 'MP_REACH_NLRI');
    if (end - start < 5) throw this.mpError(at, 'MP_REACH_NLRI is truncated');
    const nextHopBytes = bytes[start + 3];
    const nlriStart = start + 5 + nextHopBytes;
    if (nlriStart > end) throw this.mpError(at, 'the next hop is longer than MP_REACH_NLRI');
    if (nlriStart < end) this.isReachable = true;
    if (family === undefined || !this.inUse[family]) return;
    if (!fitsNextHop(family, nextHopBytes, context)) {
      throw this.mpError(at, badNextHop(family, nextHopBytes));
    }
    update.nextHopStart = start + 4;
    update.nextHopEnd = start + 4 + Math.min(nextHopBytes, 16);
    setRange(update.mpReach, family, nlriStart, end, context);
    if (countNlri(bytes, update.mpReach) < 0)
      throw this.mpError(at, 'invalid NLRI in MP_REACH_NLRI');
  }

  /** AFI, SAFI, Withdrawn Routes (RFC 4760 §4). */
  private readMpUnreach(at: number, family: Family | undefined, context: DecodeContext): void {
    const { update } = this;
    const { bytes } = update;
    const { start, end } = this.header;
    this.checkMpFlags(at, 'MP_UNREACH_NLRI');
    if (end - start < 3) throw this.mpError(at, 'MP_UNREACH_NLRI is truncated');
    if (family === undefined || !this.inUse[family]) return;
    setRange(update.mpUnreach, family, start + 3, end, context);
    if (countNlri(bytes, update.mpUnreach) < 0) {
      throw this.mpError(at, 'invalid NLRI in MP_UNREACH_NLRI');
    }
  }

  /** RFC 7606 §5.3: if its flags are not those of RFC 4760, its content cannot be trusted to be NLRI. */
  private checkMpFlags(at: number, label: string): void {
    const { flags } = this.header;
    if ((flags & flagsToMatch) === AttributeFlag.optional) return;
    throw this.mpError(at, `${label}: flags 0x${flags.toString(16).padStart(2, '0')}`);
  }

  /** RFC 7606 §3 j, §7.11, §7.12: it is not known where its NLRI begin or end. */
  private mpError(at: number, detail: string): NotificationError {
    const attribute = this.update.bytes.slice(at, this.header.end);
    return new NotificationError('optionalAttributeError', attribute, detail);
  }

  private placeBlock(asnBytes: 2 | 4): void {
    const { update } = this;
    update.attributeBytes = update.bytes;
    update.attributesStart = this.pieces === 0 ? 0 : this.pieceStarts[0];
    update.attributesEnd = this.pieces === 0 ? 0 : this.pieceEnds[0];
    if (this.pieces > 1) this.gather();
    if (asnBytes === 2) this.widen();
  }

  private gather(): void {
    const { update, pieces, pieceStarts, pieceEnds } = this;
    this.gathered = atLeast(this.gathered, pieceEnds[pieces - 1] - pieceStarts[0]);
    let at = 0;
    for (let i = 0; i < pieces; i++) {
      this.gathered.set(update.bytes.subarray(pieceStarts[i], pieceEnds[i]), at);
      at += pieceEnds[i] - pieceStarts[i];
    }
    update.attributeBytes = this.gathered;
    update.attributesStart = 0;
    update.attributesEnd = at;
  }

  private widen(): void {
    const { update } = this;
    const { attributeBytes: bytes, attributesStart: start, attributesEnd: end } = update;
    this.widened = atLeast(this.widened, 2 * (end - start) + 16);
    update.attributesEnd = widenAttributes(this.widened, bytes, start, end);
    update.attributesStart = 0;
    update.attributeBytes = this.widened;
  }

  /**
   * RFC 7606 §5.2: with attributes but without reachable NLRI "we cannot be confident that the NLRI have been
   * successfully parsed", so an error that spoils routes resets the session.
   */
  private checkWithoutRoutes(): void {
    const { attributeBytes, attributesStart, attributesEnd } = this.update;
    const { malformed } = decodeAttributes(attributeBytes, attributesStart, attributesEnd, {
      needsNextHop: false,
      withoutRoutes: true,
    });
    if (malformed === undefined) return;
    throw new NotificationError(malformed.kind, malformed.data, malformed.text);
  }

  /** RFC 4724 §2: an UPDATE without anything, or with nothing but an empty MP_UNREACH_NLRI. */
  private endOfRib(): Family | undefined {
    const { mpUnreach } = this.update;
    if (!this.hasMpUnreach) return this.inUse[Family.ipv4Unicast] ? Family.ipv4Unicast : undefined;
    const isNegotiated = mpUnreach.start > 0;
    return isNegotiated && mpUnreach.start === mpUnreach.end ? mpUnreach.family : undefined;
  }
}

function newUpdate(): Update {
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

function clear(range: NlriRange): void {
  range.start = 0;
  range.end = 0;
}

function setRange(
  range: NlriRange,
  family: Family,
  start: number,
  end: number,
  context: DecodeContext,
): void {
  range.family = family;
  range.start = start;
  range.end = end;
  range.addPath = context.addPath[family];
}

/** Sets Withdrawn Routes or NLRI (RFC 4271 §4.3, §6.3; RFC 7606 §3 i treats both alike). */
function setClassicRange(
  bytes: Uint8Array,
  range: NlriRange,
  start: number,
  end: number,
  context: DecodeContext,
): void {
  setRange(range, Family.ipv4Unicast, start, end, context);
  if (countNlri(bytes, range) < 0) throw new NotificationError('invalidNetworkField');
}

/**
 * Returns the end of the field whose 2-octet length is at `at`; otherwise it is a Malformed Attribute List (RFC
 * 4271 §6.3).
 */
function fieldEnd(bytes: Uint8Array, at: number, limit: number): number {
  if (at + 2 > limit) throw new NotificationError('malformedAttributeList');
  const end = at + 2 + readU16(bytes, at);
  if (end > limit) throw new NotificationError('malformedAttributeList');
  return end;
}

/**
 * Returns whether the next hop has a valid length. IPv4: 4, or as for IPv6 if RFC 8950 was negotiated. IPv6:
 * 16, or 32 with a link-local address (RFC 2545 §3).
 */
function fitsNextHop(family: Family, lengthBytes: number, context: DecodeContext): boolean {
  if (family === Family.ipv4Unicast) {
    if (lengthBytes === 4) return true;
    if (!context.extendedNextHop[family]) return false;
  }
  return lengthBytes === 16 || lengthBytes === 32;
}

/** Says what the peer has probably done, for the operator who has to fix it there. */
function badNextHop(family: Family, lengthBytes: number): string {
  const isIpv6 = family === Family.ipv6Unicast;
  const what = `${lengthBytes}-byte next hop for an ${isIpv6 ? 'IPv6' : 'IPv4'} route`;
  if (isIpv6 && lengthBytes === 4) return `${what}: \`next-hop self\` on an IPv4 session?`;
  if (!isIpv6 && (lengthBytes === 16 || lengthBytes === 32)) {
    return `${what}: an IPv6 next hop without extended next hop encoding (RFC 8950)?`;
  }
  return what;
}

function atLeast(buffer: Uint8Array, lengthBytes: number): Uint8Array {
  if (buffer.length >= lengthBytes) return buffer;
  return new Uint8Array(Math.max(lengthBytes, 4096));
}
