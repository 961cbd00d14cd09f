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

/** What the peers that read the messages negotiated. */
export interface WriteOptions {
  readonly family: Family;
  /** Path identifiers are sent (RFC 7911 §3). */
  readonly addPath: boolean;
  /** 4096, or 65535 with extended messages (RFC 8654). */
  readonly maxLength: number;
}

export interface Announcement extends WriteOptions {
  /** From `encodeAttributes`; with NEXT_HOP in it for IPv4 with a 4-byte next hop. */
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
 * Writes UPDATEs back to back into one growing buffer. `announce` or `withdraw`, then `add` for each
 * prefix, then `end`; a message that is full is closed and the next one begun. IPv4 with a 4-byte next
 * hop goes in the NLRI field, all else in MP_REACH_NLRI, which comes first (RFC 7606 §5.1).
 */
export class UpdateWriter {
  /** Of whole messages written and not yet taken. */
  lengthBytes = 0;
  messages = 0;
  private out = new Uint8Array(initialBytes);
  private at = 0;
  /** Where the next prefix may end at most. */
  private limit = 0;
  private mode: Mode = 'idle';
  private family: Family = Families.ipv4Unicast;
  private addPath = false;
  private maxLength = 0;
  /** Of the MP attribute: 4 octets, or 3 where a single prefix would not fit otherwise. */
  private mpHeaderBytes: 3 | 4 = 4;
  private readonly attributes = wholeRange(nothing);
  private readonly nextHop = wholeRange(nothing);
  /** Of the open message; equal to `lengthBytes` while no message is open. */
  private nlriStart = 0;

  announce({ attributes, nextHop, ...options }: Announcement): boolean {
    return this.announceFrom(options, wholeRange(attributes), wholeRange(nextHop));
  }

  /** False, and nothing begun, if the attributes leave no room for a single prefix: it cannot be sent (RFC 4271 §9.2). */
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

  /** Hot: no allocation but when the buffer grows. `pathId` is written with ADD-PATH only. */
  add(prefix: Prefix, pathId = 0): void {
    const octets = (prefix.lengthBits + 7) >> 3;
    const need = octets + (this.addPath ? 5 : 1);
    if (this.at + need > this.limit) this.nextMessage();
    if (this.addPath) this.at = writeU32(this.out, this.at, pathId);
    this.at = writeNlri(this.out, this.at, prefix);
  }

  /** Closes the open message, if a prefix was added; so does whatever is begun next. */
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

  /** The whole messages since the last `take`, in memory of their own. */
  take(): Uint8Array {
    this.end();
    const taken = this.out.slice(0, this.lengthBytes);
    this.lengthBytes = 0;
    this.messages = 0;
    this.at = 0;
    this.limit = 0;
    // What was written from may be a table that has been outgrown since.
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

  /** Bytes of a message besides its NLRI. */
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

  /** Everything up to the first prefix; the lengths are filled in by `closeMessage`. */
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

/** Whether a prefix of any length fits into a message beside these attributes (RFC 4271 §9.2). */
export function fitsMessage(
  options: WriteOptions,
  attributesBytes: number,
  nextHopBytes: number,
): boolean {
  const shortHeaderBytes = isClassic(options.family, nextHopBytes) ? 0 : 1;
  return spareBytes(options, attributesBytes, nextHopBytes) + shortHeaderBytes >= 0;
}

/** What the longest prefix leaves free of a message, an MP attribute with a 2-octet length counted in. */
function spareBytes(
  { family, addPath, maxLength }: WriteOptions,
  attributesBytes: number,
  nextHopBytes: number,
): number {
  const longestNlri = 1 + families[family].addressBytes + (addPath ? 4 : 0);
  const mpBytes = isClassic(family, nextHopBytes) ? 0 : 9 + nextHopBytes;
  return maxLength - 23 - mpBytes - attributesBytes - longestNlri;
}

/** Whether the routes go in the NLRI field. */
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

/** RFC 4724 §2: an empty UPDATE for IPv4 unicast, an UPDATE with an empty MP_UNREACH_NLRI for the others. */
export function encodeEndOfRib(family: Family): Uint8Array {
  if (family === Families.ipv4Unicast) return encodeMessage(MessageType.update, new Uint8Array(4));
  const { afi, safi } = families[family];
  const value = [afi >>> 8, afi, safi];
  const attribute = [AttributeFlag.optional, AttributeType.mpUnreachNlri, value.length, ...value];
  return encodeMessage(MessageType.update, Uint8Array.of(0, 0, 0, attribute.length, ...attribute));
}
