import {
  AttributeFlag,
  AttributeType,
  Family as Families,
  families,
  type Family,
  MessageType,
} from './constants.ts';
import { encodeMessage, writeHeader } from './header.ts';
import { type Prefix, writeNlri } from './nlri.ts';
import { type ByteRange, copyInto, wholeRange, writeU16, writeU32 } from './octets.ts';

/** What was negotiated with the peers that read the messages. */
export interface WriteOptions {
  readonly family: Family;
  /** Path identifiers are sent (RFC 7911 §3). */
  readonly addPath: boolean;
  /** 4096, or 65535 with extended messages (RFC 8654). */
  readonly maxLength: number;
}

export interface Announcement extends WriteOptions {
  /** A block from `encodeAttributes`; it contains NEXT_HOP for IPv4 with a 4-byte next hop. */
  readonly attributes: Uint8Array;
  /** 4 or 16 bytes. */
  readonly nextHop: Uint8Array;
}

/** How the routes of the open message are framed. */
type Mode = 'idle' | 'nlri' | 'mpReach' | 'withdrawn' | 'mpUnreach';

const initialBytes = 256 * 1024;
const nothing = new Uint8Array(0);
const mpFlags = AttributeFlag.optional | AttributeFlag.extendedLength;

/**
 * Writes UPDATEs back to back into one growing buffer. Call `announce` or `withdraw`, then `add` for each
 * prefix, then `end`; a full message is closed and the next one begun. IPv4 with a 4-byte next hop is written
 * in the NLRI field, all other routes in MP_REACH_NLRI, which comes first (RFC 7606 §5.1).
 */
export class UpdateWriter {
  /** The length of the whole messages that are written and not yet taken. */
  lengthBytes = 0;
  messages = 0;
  private out = new Uint8Array(initialBytes);
  private at = 0;
  /** The largest offset at which the next prefix may end. */
  private limit = 0;
  private mode: Mode = 'idle';
  private family: Family = Families.ipv4Unicast;
  private addPath = false;
  private maxLength = 0;
  /** The header length of the MP attribute: 4 octets, or 3 if a single prefix would not fit otherwise. */
  private mpHeaderBytes: 3 | 4 = 4;
  private readonly attributes = wholeRange(nothing);
  private readonly nextHop = wholeRange(nothing);
  /** The NLRI of the open message start here; equal to `lengthBytes` while no message is open. */
  private nlriStart = 0;

  announce({ attributes, nextHop, ...options }: Announcement): boolean {
    return this.announceFrom(options, wholeRange(attributes), wholeRange(nextHop));
  }

  /**
   * Begins announcements. Returns false, and begins nothing, if the attributes leave no space for a single
   * prefix: the route cannot be sent (RFC 4271 §9.2).
   */
  announceFrom(options: WriteOptions, attributes: ByteRange, nextHop: ByteRange): boolean {
    this.begin(isClassic(options.family, lengthOf(nextHop)) ? 'nlri' : 'mpReach', options);
    setRange(this.attributes, attributes);
    setRange(this.nextHop, nextHop);
    const spare = spareBytes(options, lengthOf(attributes), lengthOf(nextHop));
    this.mpHeaderBytes = spare < 0 ? 3 : 4;
    const isRoomy = spare + (this.mode === 'mpReach' ? 1 : 0) >= 0;
    if (!isRoomy) this.mode = 'idle';
    return isRoomy;
  }

  withdraw(options: WriteOptions): void {
    this.mpHeaderBytes = 4;
    this.begin(options.family === Families.ipv4Unicast ? 'withdrawn' : 'mpUnreach', options);
  }

  /**
   * Adds a prefix. This is hot: it allocates only when the buffer grows. `pathId` is written with ADD-PATH
   * only.
   */
  add(prefix: Prefix, pathId = 0): void {
    const octets = (prefix.lengthBits + 7) >> 3;
    const need = octets + (this.addPath ? 5 : 1);
    if (this.at + need > this.limit) this.nextMessage();
    if (this.addPath) this.at = writeU32(this.out, this.at, pathId);
    this.at = writeNlri(this.out, this.at, prefix);
  }

  /** Closes the open message, if a prefix was added; beginning another one does the same. */
  end(): void {
    this.closeMessage();
    this.mode = 'idle';
  }

  endOfRib(family: Family): void {
    this.end();
    const message = encodeEndOfRib(family);
    this.reserve(message.length);
    this.out.set(message, this.lengthBytes);
    this.lengthBytes += message.length;
    this.at = this.lengthBytes;
    this.messages++;
  }

  /** Returns the whole messages since the last `take`, in their own memory. */
  take(): Uint8Array {
    this.end();
    const taken = this.out.slice(0, this.lengthBytes);
    this.lengthBytes = 0;
    this.messages = 0;
    this.at = 0;
    this.limit = 0;
    // Releases the bytes that were read: they may belong to a table that has been replaced since.
    this.attributes.bytes = nothing;
    this.nextHop.bytes = nothing;
    return taken;
  }

  private begin(mode: Mode, options: WriteOptions): void {
    this.end();
    this.mode = mode;
    this.family = options.family;
    this.addPath = options.addPath;
    this.maxLength = options.maxLength;
    this.at = this.lengthBytes;
    this.limit = 0;
  }

  /** Returns the bytes of a message without its NLRI. */
  private overheadBytes(): number {
    switch (this.mode) {
      case 'nlri':
        return 23 + lengthOf(this.attributes);
      case 'mpReach':
        return 28 + this.mpHeaderBytes + lengthOf(this.nextHop) + lengthOf(this.attributes);
      case 'mpUnreach':
        return 26 + this.mpHeaderBytes;
      case 'withdrawn':
        return 23;
      case 'idle':
        throw new TypeError('UpdateWriter: add without announce or withdraw');
    }
  }

  private nextMessage(): void {
    this.closeMessage();
    this.openMessage();
  }

  /** Writes everything up to the first prefix; `closeMessage` fills in the lengths. */
  private openMessage(): void {
    const overhead = this.overheadBytes();
    this.reserve(this.maxLength);
    const start = this.lengthBytes;
    let at = start + 21;
    if (this.mode !== 'withdrawn') at += 2;
    if (this.mode === 'nlri') {
      at = copyInto(this.out, at, this.attributes);
    } else if (this.mode !== 'withdrawn') {
      at = this.openMpAttribute(at);
    }
    this.at = at;
    this.nlriStart = at;
    this.limit = at + this.maxLength - overhead;
  }

  private openMpAttribute(start: number): number {
    const { out } = this;
    const { afi, safi } = families[this.family];
    const isReach = this.mode === 'mpReach';
    const isShort = this.mpHeaderBytes === 3;
    out[start] = isShort ? AttributeFlag.optional : mpFlags;
    out[start + 1] = isReach ? AttributeType.mpReachNlri : AttributeType.mpUnreachNlri;
    let at = writeU16(out, start + this.mpHeaderBytes, afi);
    out[at++] = safi;
    if (!isReach) return at;
    out[at++] = lengthOf(this.nextHop);
    at = copyInto(out, at, this.nextHop);
    out[at++] = 0;
    return at;
  }

  private closeMessage(): void {
    if (this.limit === 0) return;
    const { out } = this;
    const start = this.lengthBytes;
    const nlriBytes = this.at - this.nlriStart;
    let end = this.at;
    let withdrawnBytes = 0;
    let attributesBytes = 0;
    if (this.mode === 'withdrawn') {
      withdrawnBytes = nlriBytes;
      end += 2;
    } else if (this.mode === 'nlri') {
      attributesBytes = lengthOf(this.attributes);
    } else {
      end = this.closeMpAttribute(start + 23);
      attributesBytes = end - start - 23;
    }
    writeU16(out, start + 19, withdrawnBytes);
    writeU16(out, start + 21 + withdrawnBytes, attributesBytes);
    writeHeader(out, start, end - start, MessageType.update);
    this.lengthBytes = end;
    this.at = end;
    this.limit = 0;
    this.messages++;
  }

  /** The other attributes follow the NLRI. */
  private closeMpAttribute(start: number): number {
    const valueBytes = this.at - start - this.mpHeaderBytes;
    if (this.mpHeaderBytes === 4) writeU16(this.out, start + 2, valueBytes);
    else this.out[start + 2] = valueBytes;
    if (this.mode !== 'mpReach') return this.at;
    return copyInto(this.out, this.at, this.attributes);
  }

  private reserve(bytes: number): void {
    const needed = this.lengthBytes + bytes;
    if (needed <= this.out.length) return;
    const grown = new Uint8Array(Math.max(needed, this.out.length * 2));
    grown.set(this.out.subarray(0, this.lengthBytes));
    this.out = grown;
  }
}

/** Returns whether a prefix of any length fits into a message beside these attributes (RFC 4271 §9.2). */
export function fitsMessage(
  options: WriteOptions,
  attributesBytes: number,
  nextHopBytes: number,
): boolean {
  const shortHeaderBytes = isClassic(options.family, nextHopBytes) ? 0 : 1;
  return spareBytes(options, attributesBytes, nextHopBytes) + shortHeaderBytes >= 0;
}

/**
 * Returns how many bytes of a message the longest prefix leaves free, with an MP attribute of 2-octet length
 * counted in.
 */
function spareBytes(
  { family, addPath, maxLength }: WriteOptions,
  attributesBytes: number,
  nextHopBytes: number,
): number {
  const longestNlri = 1 + families[family].addressBytes + (addPath ? 4 : 0);
  const mpBytes = isClassic(family, nextHopBytes) ? 0 : 9 + nextHopBytes;
  return maxLength - 23 - mpBytes - attributesBytes - longestNlri;
}

/** Returns whether the routes are written in the NLRI field. */
function isClassic(family: Family, nextHopBytes: number): boolean {
  return family === Families.ipv4Unicast && nextHopBytes === 4;
}

function setRange(to: ByteRange, from: ByteRange): void {
  to.bytes = from.bytes;
  to.start = from.start;
  to.end = from.end;
}

function lengthOf({ start, end }: ByteRange): number {
  return end - start;
}

/**
 * Returns an End-of-RIB. RFC 4724 §2: an empty UPDATE for IPv4 unicast, an UPDATE with an empty MP_UNREACH_NLRI
 * for other families.
 */
export function encodeEndOfRib(family: Family): Uint8Array {
  if (family === Families.ipv4Unicast) return encodeMessage(MessageType.update, new Uint8Array(4));
  const { afi, safi } = families[family];
  const value = [afi >>> 8, afi, safi];
  const attribute = [AttributeFlag.optional, AttributeType.mpUnreachNlri, value.length, ...value];
  return encodeMessage(MessageType.update, Uint8Array.of(0, 0, 0, attribute.length, ...attribute));
}
