import { families, type Family } from './constants.ts';
import type { NlriRange } from './path-attributes.ts';

/**
 * A prefix as machine words: network order, signed 32 bits each, bits past `lengthBits` are zero. IPv4 uses
 * `word0` only.
 */
export interface Prefix {
  readonly family: Family;
  readonly lengthBits: number;
  readonly word0: number;
  readonly word1: number;
  readonly word2: number;
  readonly word3: number;
}

/**
 * Walks the NLRI of one range. It is scratch: its fields hold the prefix that the last `next()` found. The
 * range must have passed `countNlri`, so that bounds are not checked twice.
 */
export class NlriReader implements Prefix {
  family: Family = 0;
  lengthBits = 0;
  word0 = 0;
  word1 = 0;
  word2 = 0;
  word3 = 0;
  /** Path identifier (RFC 7911 §3); 0 without ADD-PATH. */
  pathId = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end = 0;
  private addPath = false;

  reset(bytes: Uint8Array, range: NlriRange): void {
    this.bytes = bytes;
    this.family = range.family;
    this.at = range.start;
    this.end = range.end;
    this.addPath = range.addPath;
    this.pathId = 0;
  }

  next(): boolean {
    if (this.at >= this.end) return false;
    const b = this.bytes;
    if (this.addPath) {
      this.pathId = word(b, this.at) >>> 0;
      this.at += 4;
    }
    const lengthBits = b[this.at++];
    const octets = (lengthBits + 7) >> 3;
    this.lengthBits = lengthBits;
    if (octets === 16) this.readFull(b, this.at);
    else this.readPartial(b, this.at, octets);
    if ((lengthBits & 31) !== 0) this.clearTail(lengthBits);
    this.at += octets;
    return true;
  }

  private readFull(b: Uint8Array, at: number): void {
    this.word0 = word(b, at);
    this.word1 = word(b, at + 4);
    this.word2 = word(b, at + 8);
    this.word3 = word(b, at + 12);
  }

  private readPartial(b: Uint8Array, at: number, octets: number): void {
    this.word0 = partialWord(b, at, octets);
    this.word1 = partialWord(b, at + 4, octets - 4);
    this.word2 = partialWord(b, at + 8, octets - 8);
    this.word3 = partialWord(b, at + 12, octets - 12);
  }

  /** RFC 4271 §4.3: the value of the trailing bits is irrelevant. */
  private clearTail(lengthBits: number): void {
    const mask = -1 << (32 - (lengthBits & 31));
    switch (lengthBits >> 5) {
      case 0:
        this.word0 &= mask;
        return;
      case 1:
        this.word1 &= mask;
        return;
      case 2:
        this.word2 &= mask;
        return;
      default:
        this.word3 &= mask;
    }
  }
}

/**
 * Returns how many prefixes the range holds, or -1 if a length is out of range or the last prefix is cut off
 * (RFC 7606 §5.3).
 */
export function countNlri(bytes: Uint8Array, range: NlriRange): number {
  const maxLengthBits = families[range.family].maxLengthBits;
  const prelude = range.addPath ? 4 : 0;
  let count = 0;
  let at = range.start;
  while (at < range.end) {
    at += prelude;
    if (at >= range.end) return -1;
    const lengthBits = bytes[at];
    if (lengthBits > maxLengthBits) return -1;
    at += 1 + ((lengthBits + 7) >> 3);
    count++;
  }
  return at === range.end ? count : -1;
}

/** Writes length and address at `at`; returns the offset after them. Needs 17 free bytes. */
export function writeNlri(out: Uint8Array, at: number, prefix: Prefix): number {
  out[at] = prefix.lengthBits;
  const octets = (prefix.lengthBits + 7) >> 3;
  const start = at + 1;
  putWord(out, start, prefix.word0);
  if (octets > 4) putWord(out, start + 4, prefix.word1);
  if (octets > 8) putWord(out, start + 8, prefix.word2);
  if (octets > 12) putWord(out, start + 12, prefix.word3);
  return start + octets;
}

function putWord(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}

function word(b: Uint8Array, at: number): number {
  return (b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3];
}

function partialWord(b: Uint8Array, at: number, octets: number): number {
  if (octets <= 0) return 0;
  if (octets >= 4) return word(b, at);
  let value = b[at] << 24;
  if (octets > 1) value |= b[at + 1] << 16;
  if (octets > 2) value |= b[at + 2] << 8;
  return value;
}
