import { families, Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { Vrp } from './pdu.ts';

/**
 * The VRPs of one family as columns: 10 bytes each for IPv4, 22 for IPv6. In a list of changes each row also says
 * whether it is announced.
 */
export class VrpColumns {
  readonly family: Family;
  /** The words of an address: 1 or 4. */
  readonly stride: number;
  count = 0;
  /** `stride` words per row, unsigned. */
  words: Uint32Array;
  lengths: Uint8Array;
  maxLengths: Uint8Array;
  asns: Uint32Array;
  announced: Uint8Array;

  constructor(family: Family, capacity = 64) {
    this.family = family;
    this.stride = families[family].addressBytes / 4;
    this.words = new Uint32Array(capacity * this.stride);
    this.lengths = new Uint8Array(capacity);
    this.maxLengths = new Uint8Array(capacity);
    this.asns = new Uint32Array(capacity);
    this.announced = new Uint8Array(capacity);
  }

  add(vrp: Vrp, isAnnounced: boolean): void {
    const row = this.take();
    const at = row * this.stride;
    this.words[at] = vrp.word0;
    if (this.stride > 1) {
      this.words[at + 1] = vrp.word1;
      this.words[at + 2] = vrp.word2;
      this.words[at + 3] = vrp.word3;
    }
    this.lengths[row] = vrp.lengthBits;
    this.maxLengths[row] = vrp.maxLengthBits;
    this.asns[row] = vrp.asn;
    this.announced[row] = isAnnounced ? 1 : 0;
  }

  /** Adds a row of other columns of the same family. */
  copy(from: VrpColumns, row: number, isAnnounced = true): void {
    const to = this.take();
    const { stride } = this;
    for (let word = 0; word < stride; word++) {
      this.words[to * stride + word] = from.words[row * stride + word];
    }
    this.lengths[to] = from.lengths[row];
    this.maxLengths[to] = from.maxLengths[row];
    this.asns[to] = from.asns[row];
    this.announced[to] = isAnnounced ? 1 : 0;
  }

  vrp(row: number): Vrp {
    const at = row * this.stride;
    const isWide = this.family === Family.ipv6Unicast;
    return {
      family: this.family,
      lengthBits: this.lengths[row],
      maxLengthBits: this.maxLengths[row],
      asn: this.asns[row],
      word0: this.words[at] | 0,
      word1: isWide ? this.words[at + 1] | 0 : 0,
      word2: isWide ? this.words[at + 2] | 0 : 0,
      word3: isWide ? this.words[at + 3] | 0 : 0,
    };
  }

  /** Compares by address, length, maximum length and AS. Below 0: the row comes before that of the other columns. */
  compare(row: number, other: VrpColumns, otherRow: number): number {
    const order = this.comparePrefix(row, other, otherRow);
    if (order !== 0) return order;
    const byMax = this.maxLengths[row] - other.maxLengths[otherRow];
    return byMax === 0 ? this.asns[row] - other.asns[otherRow] : byMax;
  }

  comparePrefix(row: number, other: VrpColumns, otherRow: number): number {
    const { stride } = this;
    for (let word = 0; word < stride; word++) {
      const order = this.words[row * stride + word] - other.words[otherRow * stride + word];
      if (order !== 0) return order;
    }
    return this.lengths[row] - other.lengths[otherRow];
  }

  /** Returns whether the prefix of the row is the given one or contains it. Hot. */
  covers(row: number, prefix: Prefix): boolean {
    const lengthBits = this.lengths[row];
    if (lengthBits > prefix.lengthBits) return false;
    const { words } = this;
    const at = row * this.stride;
    let difference = words[at] ^ prefix.word0;
    if (lengthBits <= 32) return lengthBits === 0 || difference >>> (32 - lengthBits) === 0;
    if (difference !== 0) return false;
    difference = words[at + 1] ^ prefix.word1;
    if (lengthBits <= 64) return difference >>> (64 - lengthBits) === 0;
    if (difference !== 0) return false;
    difference = words[at + 2] ^ prefix.word2;
    if (lengthBits <= 96) return difference >>> (96 - lengthBits) === 0;
    if (difference !== 0) return false;
    return (words[at + 3] ^ prefix.word3) >>> (128 - lengthBits) === 0;
  }

  /** Releases capacity that is not used. */
  trim(): void {
    this.resize(this.count);
  }

  get bytes(): number {
    return this.words.byteLength + this.asns.byteLength + this.lengths.byteLength * 3;
  }

  private take(): number {
    if (this.count === this.lengths.length) this.resize(Math.max(64, this.count * 2));
    return this.count++;
  }

  private resize(rows: number): void {
    this.words = resized(this.words, rows * this.stride);
    this.lengths = resized(this.lengths, rows);
    this.maxLengths = resized(this.maxLengths, rows);
    this.asns = resized(this.asns, rows);
    this.announced = resized(this.announced, rows);
  }
}

function resized<Column extends Uint8Array | Uint32Array>(column: Column, rows: number): Column {
  const Type = column.constructor as new (rows: number) => Column;
  const copy = new Type(rows);
  copy.set(column.subarray(0, rows));
  return copy;
}
