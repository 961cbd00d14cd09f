import { AttributeFlag } from './constants.ts';
import { readU16 } from './octets.ts';

/**
 * Reads attribute headers (RFC 4271 §4.3). This is scratch: its fields describe the last header that was read.
 */
export class AttributeHeader {
  flags = 0;
  /** 0, which is reserved, if even the type was cut off. */
  type = 0;
  /** Where the value starts; the header starts at the offset that was read. */
  start = 0;
  end = 0;

  /** Returns false if the header or the value runs past `limit`; `end` is then `limit` (RFC 7606 §4). */
  read(bytes: Uint8Array, at: number, limit: number): boolean {
    this.flags = bytes[at];
    this.type = at + 1 < limit ? bytes[at + 1] : 0;
    const isExtended = (this.flags & AttributeFlag.extendedLength) !== 0;
    this.start = at + (isExtended ? 4 : 3);
    if (this.start <= limit) {
      const length = isExtended ? readU16(bytes, at + 2) : bytes[at + 2];
      this.end = this.start + length;
      if (this.end <= limit) return true;
    }
    this.start = Math.min(this.start, limit);
    this.end = limit;
    return false;
  }
}

/** Writes flags, type and length for a value of `lengthBytes`; returns the offset of the value. */
export function writeAttributeHeader(
  out: Uint8Array,
  at: number,
  flags: number,
  type: number,
  lengthBytes: number,
): number {
  out[at + 1] = type;
  if (lengthBytes > 0xff) {
    out[at] = flags | AttributeFlag.extendedLength;
    out[at + 2] = lengthBytes >>> 8;
    out[at + 3] = lengthBytes;
    return at + 4;
  }
  out[at] = flags;
  out[at + 2] = lengthBytes;
  return at + 3;
}
