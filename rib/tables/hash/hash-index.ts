import { release } from '../columns.ts';

/** The class whose columns hold the keys. */
export interface HashedKeys {
  /** Returns the hash of the key of an id, with the present hash key. */
  hashOf(id: number): number;
  /** From now on every id has another hash. */
  rekey(): void;
}

/** The most slots that an id may lie behind its own; eight times what chance makes of a million prefixes. */
const longestChain = 1024;

/**
 * Open addressing over ids whose keys live in the columns of another class, which hashes and compares them. It is at
 * most half full, with linear probing and backward-shift removal (no tombstones). The hash lies beside the id, so that
 * only a match looks at the columns and growing looks at none: each of these looks is a cache miss, and they were two
 * thirds of `intern` (bench:micro). 16 to 32 bytes per id. If an id would lie far behind its own slot, the hash takes
 * another key, so that a look-up stays short whatever is in the table.
 */
export class HashIndex {
  /** Pairs of id, 0 = empty, and hash. Read-only outside. */
  slots: Int32Array;
  /** The number of pairs minus one; the number is a power of two. */
  mask: number;
  private count = 0;
  private readonly keys: HashedKeys;
  /** The least number of ids at which the key may change, because each change looks at every id. */
  private mayRekeyAt = 0;

  constructor(expected: number, keys: HashedKeys) {
    this.keys = keys;
    this.slots = new Int32Array(2 * pairsFor(expected));
    this.mask = pairsFor(expected) - 1;
  }

  /** `id` must not be in the index yet. */
  add(hash: number, id: number): void {
    if (++this.count * 2 > this.mask + 1) this.grow();
    if (this.put(hash, id) > longestChain && this.count >= this.mayRekeyAt) this.rekey();
  }

  /**
   * Throws a RangeError for an id that is not in the index under this hash, because the search for it would never end.
   */
  remove(hash: number, id: number): void {
    const { slots, mask } = this;
    let hole = hash & mask;
    while (slots[2 * hole] !== id) {
      if (slots[2 * hole] === 0) throw new RangeError(`id ${id} is not in the index`);
      hole = (hole + 1) & mask;
    }
    for (let at = (hole + 1) & mask; slots[2 * at] !== 0; at = (at + 1) & mask) {
      const home = slots[2 * at + 1] & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots[2 * hole] = slots[2 * at];
      slots[2 * hole + 1] = slots[2 * at + 1];
      hole = at;
    }
    slots[2 * hole] = 0;
    this.count--;
  }

  get bytes(): number {
    return this.slots.byteLength;
  }

  /** Returns how many slots behind its own the id has been put. */
  private put(hash: number, id: number): number {
    const { slots, mask } = this;
    const home = hash & mask;
    let at = home;
    while (slots[2 * at] !== 0) at = (at + 1) & mask;
    slots[2 * at] = id;
    slots[2 * at + 1] = hash;
    return (at - home) & mask;
  }

  private rekey(): void {
    this.mayRekeyAt = this.count * 2;
    this.keys.rekey();
    const old = this.slots;
    this.slots = new Int32Array(old.length);
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] !== 0) this.put(this.keys.hashOf(old[i]), old[i]);
    }
    release(old);
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Int32Array(old.length * 2);
    this.mask = old.length - 1;
    for (let i = 0; i < old.length; i += 2) if (old[i] !== 0) this.put(old[i + 1], old[i]);
    release(old);
  }
}

function pairsFor(expected: number): number {
  let pairs = 64;
  while (pairs < expected * 2) pairs *= 2;
  return pairs;
}
