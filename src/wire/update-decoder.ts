import { AttributeBlock } from './attribute-block.ts';
import { AttributeHeader } from './attribute-header.ts';
import { decodeAttributes } from './attributes.ts';
import { AttributeFlag, AttributeType, families, Family, familyOf } from './constants.ts';
import { countNlri } from './nlri.ts';
import { NotificationError } from './notification.ts';
import { readU16 } from './octets.ts';
import type { NlriRange } from './path-attributes.ts';
import { clearRange, type DecodeContext, newUpdate, type Update } from './update.ts';

const flagsToMatch = AttributeFlag.optional | AttributeFlag.transitive;

/**
 * Finds the parts of UPDATEs without decoding the attributes: `decodeAttributes` does that, once for each
 * distinct block. Allocates nothing in the usual case: a 4-octet peer, and the MP attributes first or last.
 */
export class UpdateDecoder {
  private readonly update: Update = newUpdate();
  private readonly header = new AttributeHeader();
  private readonly block = new AttributeBlock();
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
   * of one of several families are spoiled, that family is disabled instead: its NLRI are skipped, in this
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
    this.block.place(this.update, context.asnBytes);
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
    clearRange(update.withdrawn);
    clearRange(update.mpUnreach);
    clearRange(update.mpReach);
    clearRange(update.nlri);
    update.nextHopStart = 0;
    update.nextHopEnd = 0;
    update.endOfRib = undefined;
    this.block.clear();
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
      else this.block.keep(at, header.end);
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
    if (mpReach.family === family) clearRange(mpReach);
    if (mpUnreach.family === family) clearRange(mpUnreach);
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
