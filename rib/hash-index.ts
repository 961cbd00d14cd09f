/**
 * Open addressing over ids whose keys live in the columns of another class, which hashes and
 * compares them. Half full at most, linear probing, backward-shift removal: no tombstones.
 */
export class HashIndex {
  /** Id in each slot, 0 = empty. Read-only outside. */
  slots: Int32Array;
  /** Slot count minus one; the count is a power of two. */
  mask: number;
  private count = 0;
  private readonly hashOf: (id: number) => number;

  constructor(expected: number, hashOf: (id: number) => number) {
    this.slots = new Int32Array(slotsFor(expected));
    this.mask = this.slots.length - 1;
    this.hashOf = hashOf;
  }

  /** `id` must not be in yet. */
  add(hash: number, id: number): void {
    if (++this.count * 2 > this.slots.length) this.grow();
    this.put(hash, id);
  }

  remove(hash: number, id: number): void {
    const { slots, mask } = this;
    let hole = hash & mask;
    while (slots[hole] !== id) hole = (hole + 1) & mask;
    let slot = hole;
    for (;;) {
      slot = (slot + 1) & mask;
      const moved = slots[slot];
      if (moved === 0) break;
      const home = this.hashOf(moved) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = moved;
      hole = slot;
    }
    slots[hole] = 0;
    this.count--;
  }

  clear(): void {
    this.slots = new Int32Array(slotsFor(0));
    this.mask = this.slots.length - 1;
    this.count = 0;
  }

  get bytes(): number {
    return this.slots.byteLength;
  }

  private put(hash: number, id: number): void {
    const { slots, mask } = this;
    let slot = hash & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = id;
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Int32Array(old.length * 2);
    this.mask = this.slots.length - 1;
    for (const id of old) if (id !== 0) this.put(this.hashOf(id), id);
  }
}

function slotsFor(expected: number): number {
  let size = 64;
  while (size < expected * 2) size *= 2;
  return size;
}

/** Folds one 32-bit word into a running hash; seeded, so that a peer cannot choose collisions. */
export function mix(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x9e3779b1);
  return h ^ (h >>> 15);
}
