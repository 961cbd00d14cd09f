import { release } from './id-pool.ts';

/**
 * Open addressing over ids whose keys live in the columns of another class, which hashes and
 * compares them. Half full at most, linear probing, backward-shift removal: no tombstones. The hash
 * lies beside the id, so that only a match looks at the columns and growing looks at none: each of
 * these looks is a cache miss, and they were two thirds of `intern` (bench:micro). 16 to 32 bytes an
 * id.
 */
export class HashIndex {
  /** Pairs of id, 0 = empty, and hash. Read-only outside. */
  slots: Int32Array;
  /** Number of pairs minus one; the number is a power of two. */
  mask: number;
  private count = 0;

  constructor(expected: number) {
    this.slots = new Int32Array(2 * pairsFor(expected));
    this.mask = pairsFor(expected) - 1;
  }

  /** `id` must not be in yet. */
  add(hash: number, id: number): void {
    if (++this.count * 2 > this.mask + 1) this.grow();
    this.put(hash, id);
  }

  /** `id` must be in, under this hash. */
  remove(hash: number, id: number): void {
    const { slots, mask } = this;
    let hole = hash & mask;
    while (slots[2 * hole] !== id) hole = (hole + 1) & mask;
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

  private put(hash: number, id: number): void {
    const { slots, mask } = this;
    let at = hash & mask;
    while (slots[2 * at] !== 0) at = (at + 1) & mask;
    slots[2 * at] = id;
    slots[2 * at + 1] = hash;
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

/** Folds one 32-bit word into a running hash; seeded, so that a peer cannot choose collisions. */
export function mix(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x9e3779b1);
  return h ^ (h >>> 15);
}
