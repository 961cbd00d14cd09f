import type { PrefixId } from '#policy/ids.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { atLeast, capacityFor, Growth, release } from './columns.ts';
import { HashIndex, maskOf } from './hash/hash-index.ts';
import { TabulationHash } from './hash/tabulation-hash.ts';
import { IdPool } from './ids/id-pool.ts';

/** In how many steps addresses are copied: those of a million IPv6 prefixes took 10 ms at once. */
const parts = 8;

/** A prefix that `read` can fill; the caller's scratch. */
export type MutablePrefix = { -readonly [K in keyof Prefix]: Prefix[K] };

export function scratchPrefix(family: Family): MutablePrefix {
  return { family, lengthBits: 0, word0: 0, word1: 0, word2: 0, word3: 0 };
}

/** Is notified of prefixes that are added and removed. */
export interface PrefixWatch {
  /** The prefix has just been added. */
  added(id: PrefixId): void;
  /** The prefix is about to be removed and still exists. */
  removing(id: PrefixId): void;
}

/** Prefix <-> PrefixId of one family. Per prefix: 4 (IPv4) or 16 bytes of address, one of length, 16 to 32 of index. */
export class PrefixTable {
  readonly family: Family;
  private readonly stride: 1 | 4;
  private readonly tables: TabulationHash;
  private readonly heads: Heads;
  private readonly ids = new IdPool();
  private readonly index: HashIndex;
  private readonly growth: Growth;
  /** Every id is below this; the one that is not has something widened. */
  private growAt: number;
  private words: Int32Array;
  /** Replaces `words` once all of it has been copied; rows that are written meanwhile are written to both. */
  private wider: Int32Array | undefined;
  private lengths: Uint8Array;
  /** What `PathClasses` stores for each prefix; absent while no services are configured. */
  private services: Uint16Array | undefined;
  watch: PrefixWatch | undefined;

  /** Peers must not know `seed`: it keeps them from choosing colliding prefixes. */
  constructor(family: Family, seed: number, expected = 0) {
    this.family = family;
    this.stride = family === 0 ? 1 : 4;
    this.tables = new TabulationHash(seed, 4 * this.stride + 1);
    this.heads = new Heads(this.tables);
    const capacity = capacityFor(expected, 64);
    this.words = new Int32Array(capacity * this.stride);
    this.lengths = new Uint8Array(capacity);
    this.growAt = capacity;
    this.growth = new Growth(capacity, [
      ...Array.from({ length: parts }, (_, part) => (rows: number) => this.widenWords(rows, part)),
      (rows) => (this.lengths = atLeast(this.lengths, rows)),
      (rows) => (this.services &&= atLeast(this.services, rows)),
    ]);
    this.index = new HashIndex(expected, {
      hashOf: (id) => this.hashOf(id),
      rekey: () => this.rekey(),
    });
  }

  /** Returns the id of the prefix, or 0. */
  find(prefix: Prefix): PrefixId {
    return this.lookUp(prefix, this.hash(prefix)) as PrefixId;
  }

  intern(prefix: Prefix): PrefixId {
    const hash = this.hash(prefix);
    const known = this.lookUp(prefix, hash);
    return (known !== 0 ? known : this.insert(prefix, hash)) as PrefixId;
  }

  /** The id may be given to another prefix afterwards, so no column may refer to it any more. */
  remove(id: PrefixId): void {
    this.watch?.removing(id);
    this.index.remove(this.hashOf(id), id);
    this.ids.give(id);
    this.lengths[id] = unused;
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

  /** Returns what was set for the prefix since it was added; 0 for nothing. */
  service(id: PrefixId): number {
    return this.services === undefined ? 0 : this.services[id];
  }

  setService(id: PrefixId, service: number): void {
    if (this.services !== undefined) this.services[id] = service;
  }

  /** Forgets the services of all prefixes; `isKept` means that others will be set. */
  clearServices(isKept: boolean): void {
    this.services = isKept ? new Uint16Array(this.lengths.length) : undefined;
  }

  /** Compares by address, then length. Below 0: `a` comes before `b`; 0: they are the same prefix. */
  compare(a: PrefixId, b: PrefixId): number {
    const { words, stride } = this;
    for (let at = 0; at < stride; at++) {
      const difference = (words[a * stride + at] >>> 0) - (words[b * stride + at] >>> 0);
      if (difference !== 0) return difference;
    }
    return this.lengths[a] - this.lengths[b];
  }

  get size(): number {
    return this.ids.size;
  }

  /** Every id is below this. */
  get limit(): number {
    return this.ids.limit;
  }

  get bytes(): number {
    const columns = [this.words, this.wider, this.lengths, this.services];
    return columns.reduce((sum, column) => sum + (column?.byteLength ?? 0), this.index.bytes);
  }

  private lookUp(prefix: Prefix, hash: number): number {
    const slots = this.index.slotsOf(hash);
    const mask = maskOf(slots);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[2 * slot];
      if (id === 0 || (slots[2 * slot + 1] === hash && this.equals(id, prefix))) return id;
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
    if (id >= this.growAt) this.growAt = this.growth.reach(id);
    this.lengths[id] = prefix.lengthBits;
    if (this.services !== undefined) this.services[id] = 0;
    const at = id * this.stride;
    this.words[at] = prefix.word0;
    if (this.stride === 4) {
      this.words[at + 1] = prefix.word1;
      this.words[at + 2] = prefix.word2;
      this.words[at + 3] = prefix.word3;
    }
    this.wider?.set(this.words.subarray(at, at + this.stride), at);
    this.index.add(hash, id);
    this.watch?.added(id as PrefixId);
    return id;
  }

  private hash({ lengthBits, word0, word1, word2, word3 }: Prefix): number {
    if (this.stride === 1) return hash4(this.tables, lengthBits, word0);
    return hash6(this.tables, this.heads, lengthBits, word0, word1, word2, word3);
  }

  private hashOf(id: number): number {
    const { words, lengths, tables } = this;
    if (this.stride === 1) return hash4(tables, lengths[id], words[id]);
    const at = id * 4;
    return hash6(
      tables,
      this.heads,
      lengths[id],
      words[at],
      words[at + 1],
      words[at + 2],
      words[at + 3],
    );
  }

  private rekey(): void {
    this.tables.rekey();
    this.heads.forget();
  }

  private widenWords(rows: number, part: number): void {
    const { words, stride } = this;
    if (words.length >= rows * stride) return;
    const wider = (this.wider ??= new Int32Array(rows * stride));
    const from = (words.length / parts) * part;
    wider.set(words.subarray(from, from + words.length / parts), from);
    if (part < parts - 1) return;
    this.words = wider;
    this.wider = undefined;
    release(words);
  }
}

/** No prefix has this length: marks a free row. */
const unused = 255;

/**
 * Eight neighbours, which differ in the last three bits of their network, get eight consecutive slots: one cache line.
 * Tables arrive more or less in order of address; `intern` then takes half the time, and a tenth more if they arrive at
 * random (bench:micro).
 */
function hash4(tables: TabulationHash, lengthBits: number, word0: number): number {
  const shift = (32 - lengthBits) & 31;
  const hash = tables.ofWord(0, word0 & ~(7 << shift)) ^ tables.ofByte(4, lengthBits);
  return (hash << 3) | ((word0 >>> shift) & 7);
}

/** As `hash4` if the network ends in the last word, otherwise by the whole prefix. */
function hash6(
  tables: TabulationHash,
  heads: Heads,
  lengthBits: number,
  word0: number,
  word1: number,
  word2: number,
  word3: number,
): number {
  const head = heads.of(lengthBits, word0, word1, word2);
  if (lengthBits <= 96) return head;
  const shift = 128 - lengthBits;
  return ((head ^ tables.ofWord(12, word3 & ~(7 << shift))) << 3) | ((word3 >>> shift) & 7);
}

/**
 * The contribution of the length and all but the last word of an IPv6 prefix to its hash. Service addresses have most
 * of that in common, so the last one is remembered.
 */
class Heads {
  private readonly tables: TabulationHash;
  private lengthBits = unused;
  private word0 = 0;
  private word1 = 0;
  private word2 = 0;
  private hash = 0;

  constructor(tables: TabulationHash) {
    this.tables = tables;
  }

  of(lengthBits: number, word0: number, word1: number, word2: number): number {
    const isSame =
      word2 === this.word2 &&
      word1 === this.word1 &&
      word0 === this.word0 &&
      lengthBits === this.lengthBits;
    return isSame ? this.hash : this.renew(lengthBits, word0, word1, word2);
  }

  /** To be called when the tables are replaced. */
  forget(): void {
    this.lengthBits = unused;
  }

  private renew(lengthBits: number, word0: number, word1: number, word2: number): number {
    const { tables } = this;
    this.lengthBits = lengthBits;
    this.word0 = word0;
    this.word1 = word1;
    this.word2 = word2;
    const words = tables.ofWord(0, word0) ^ tables.ofWord(4, word1) ^ tables.ofWord(8, word2);
    return (this.hash = words ^ tables.ofByte(16, lengthBits));
  }
}
