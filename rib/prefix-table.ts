import type { Family } from '../src/wire/constants.ts';
import type { Prefix } from '../src/wire/nlri.ts';
import { HashIndex, mix } from './hash-index.ts';
import { IdPool, capacityFor, widen } from './id-pool.ts';
import type { PrefixId } from './ids.ts';

/** A prefix that `read` can fill; the caller's scratch. */
export type MutablePrefix = { -readonly [K in keyof Prefix]: Prefix[K] };

export function scratchPrefix(family: Family): MutablePrefix {
  return { family, lengthBits: 0, word0: 0, word1: 0, word2: 0, word3: 0 };
}

/**
 * Prefix <-> PrefixId of one family. Per prefix: 4 (IPv4) or 16 bytes of address, one of length,
 * 8 to 16 of index.
 */
export class PrefixTable {
  readonly family: Family;
  private readonly stride: 1 | 4;
  private readonly seed: number;
  private readonly ids = new IdPool();
  private readonly index: HashIndex;
  private words: Int32Array;
  private lengths: Uint8Array;
  /** Changes whenever a prefix comes or goes. */
  version = 0;

  /** `seed` must not be known to peers: it keeps them from choosing colliding prefixes. */
  constructor(family: Family, seed: number, expected = 0) {
    this.family = family;
    this.stride = family === 0 ? 1 : 4;
    this.seed = seed | 0;
    const capacity = capacityFor(expected, 64);
    this.words = new Int32Array(capacity * this.stride);
    this.lengths = new Uint8Array(capacity);
    this.index = new HashIndex(expected, (id) => this.hashOf(id));
  }

  /** The id of the prefix, or 0. */
  find(prefix: Prefix): PrefixId {
    return this.lookUp(prefix, this.hash(prefix)) as PrefixId;
  }

  intern(prefix: Prefix): PrefixId {
    const hash = this.hash(prefix);
    const known = this.lookUp(prefix, hash);
    return (known !== 0 ? known : this.insert(prefix, hash)) as PrefixId;
  }

  /** The id may be given to another prefix afterwards: no column may name it any more. */
  remove(id: PrefixId): void {
    this.index.remove(this.hashOf(id), id);
    this.ids.give(id);
    this.lengths[id] = unused;
    this.version++;
  }

  read(id: PrefixId, into: MutablePrefix): MutablePrefix {
    into.family = this.family;
    into.lengthBits = this.lengths[id];
    const at = id * this.stride;
    into.word0 = this.words[at];
    if (this.stride === 4) {
      into.word1 = this.words[at + 1];
      into.word2 = this.words[at + 2];
      into.word3 = this.words[at + 3];
    }
    return into;
  }

  has(id: PrefixId): boolean {
    return id > 0 && id < this.ids.limit && this.lengths[id] !== unused;
  }

  /** Byte `digit` of the address, 0 first; past its end the length. The key of the order of prefixes. */
  keyByte(id: PrefixId, digit: number): number {
    if (digit === this.stride * 4) return this.lengths[id];
    return (this.words[id * this.stride + (digit >> 2)] >>> (24 - (digit & 3) * 8)) & 0xff;
  }

  get size(): number {
    return this.ids.size;
  }

  /** Every id is below this. */
  get limit(): number {
    return this.ids.limit;
  }

  get bytes(): number {
    return this.words.byteLength + this.lengths.byteLength + this.index.bytes;
  }

  private lookUp(prefix: Prefix, hash: number): number {
    const { slots, mask } = this.index;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[slot];
      if (id === 0 || this.equals(id, prefix)) return id;
    }
  }

  private equals(id: number, prefix: Prefix): boolean {
    const { words } = this;
    if (this.stride === 1) {
      return words[id] === prefix.word0 && this.lengths[id] === prefix.lengthBits;
    }
    const at = id * 4;
    return (
      words[at + 3] === prefix.word3 &&
      words[at + 2] === prefix.word2 &&
      words[at + 1] === prefix.word1 &&
      words[at] === prefix.word0 &&
      this.lengths[id] === prefix.lengthBits
    );
  }

  private insert(prefix: Prefix, hash: number): number {
    const id = this.ids.take();
    if (id >= this.lengths.length) this.grow(id);
    this.lengths[id] = prefix.lengthBits;
    const at = id * this.stride;
    this.words[at] = prefix.word0;
    if (this.stride === 4) {
      this.words[at + 1] = prefix.word1;
      this.words[at + 2] = prefix.word2;
      this.words[at + 3] = prefix.word3;
    }
    this.index.add(hash, id);
    this.version++;
    return id;
  }

  private hash(prefix: Prefix): number {
    const head = mix(mix(this.seed, prefix.word0), prefix.lengthBits);
    if (this.stride === 1) return head;
    return mix(mix(mix(head, prefix.word1), prefix.word2), prefix.word3);
  }

  private hashOf(id: number): number {
    const at = id * this.stride;
    const { words } = this;
    const head = mix(mix(this.seed, words[at]), this.lengths[id]);
    if (this.stride === 1) return head;
    return mix(mix(mix(head, words[at + 1]), words[at + 2]), words[at + 3]);
  }

  private grow(id: number): void {
    const capacity = capacityFor(id, this.lengths.length);
    this.words = widen(this.words, capacity, this.stride);
    this.lengths = widen(this.lengths, capacity);
  }
}

/** No prefix has this length: marks a free row. */
const unused = 255;
