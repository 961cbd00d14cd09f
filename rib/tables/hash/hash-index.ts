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

/** How many slots are at least moved to the larger table when an id is added. */
const movesPerAdd = 128;

/**
 * Open addressing over ids whose keys live in the columns of another class, which hashes and compares them. It is at
 * most half full, with linear probing and backward-shift removal (no tombstones). The hash lies beside the id, so that
 * only a match looks at the columns and growing looks at none: each of these looks is a cache miss, and they were two
 * thirds of `intern` (bench:micro). 16 to 32 bytes per id. If an id would lie far behind its own slot, the hash takes
 * another key, so that a look-up stays short whatever is in the table.
 *
 * It grows in steps, because moving a million ids takes 9 ms: for a while there are two tables, and each `add` moves
 * some ids to the larger one. They are moved in runs of occupied slots, so the hash of an id says which table it is in.
 */
export class HashIndex {
  private slots: Int32Array;
  /** The table of half the size, while ids are moved out of it. */
  private old: Int32Array | undefined;
  /** The slot with which moving has begun; the one before it was empty then. */
  private firstMoved = 0;
  /** How many slots have been moved; the last of them was empty. */
  private movedSlots = 0;
  private count = 0;
  private readonly keys: HashedKeys;
  /** The least number of ids at which the key may change, because each change looks at every id. */
  private mayRekeyAt = 0;

  constructor(expected: number, keys: HashedKeys) {
    this.keys = keys;
    this.slots = new Int32Array(2 * pairsFor(expected));
  }

  /**
   * Returns the table that ids with this hash are in: pairs of id, 0 = empty, and hash. The search begins at the slot
   * `hash & maskOf(slots)` and ends at an empty one. Read-only, and valid until an id is added.
   */
  slotsOf(hash: number): Int32Array {
    const { old } = this;
    return old === undefined || this.hasMoved(old, hash) ? this.slots : old;
  }

  /** `id` must not be in the index yet. */
  add(hash: number, id: number): void {
    this.count++;
    if (this.old !== undefined) this.move(this.old);
    else if (this.count * 4 > this.slots.length) this.grow();
    const behind = put(this.slotsOf(hash), hash, id);
    if (behind > longestChain && this.count >= this.mayRekeyAt) this.rekey();
  }

  /**
   * Throws a RangeError for an id that is not in the index under this hash, because the search for it would never end.
   */
  remove(hash: number, id: number): void {
    const slots = this.slotsOf(hash);
    const mask = maskOf(slots);
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
    return this.slots.byteLength + (this.old?.byteLength ?? 0);
  }

  /** Calls `visit` with each id, its hash, and how many slots behind its own it lies. */
  forEach(visit: (id: number, hash: number, behind: number) => void): void {
    for (const slots of this.old === undefined ? [this.slots] : [this.slots, this.old]) {
      const mask = maskOf(slots);
      for (let at = 0; at <= mask; at++) {
        const hash = slots[2 * at + 1];
        if (slots[2 * at] !== 0) visit(slots[2 * at], hash, (at - hash) & mask);
      }
    }
  }

  private rekey(): void {
    this.mayRekeyAt = this.count * 2;
    this.keys.rekey();
    const slots = new Int32Array(this.slots.length);
    this.forEach((id) => put(slots, this.keys.hashOf(id), id));
    release(this.slots);
    this.slots = slots;
    this.endMoving();
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Int32Array(2 * old.length);
    this.old = old;
    this.movedSlots = 0;
    this.firstMoved = 0;
    while (old[2 * ((this.firstMoved - 1) & maskOf(old))] !== 0) this.firstMoved++;
    this.move(old);
  }

  private hasMoved(old: Int32Array, hash: number): boolean {
    return ((hash - this.firstMoved) & maskOf(old)) < this.movedSlots;
  }

  /**
   * Moves some slots and the run of occupied ones that the last of them is in. An id that is added afterwards to the
   * last run may lie in the slots that were moved first, which are more than the ids added since.
   */
  private move(old: Int32Array): void {
    const { slots, firstMoved } = this;
    const mask = maskOf(old);
    const enough = this.movedSlots + movesPerAdd;
    let moved = this.movedSlots;
    for (let id = 0; moved < enough || id !== 0; moved++) {
      const at = (firstMoved + moved) & mask;
      id = old[2 * at];
      if (id === 0) continue;
      put(slots, old[2 * at + 1], id);
      old[2 * at] = 0;
    }
    this.movedSlots = moved;
    if (moved > mask) this.endMoving();
  }

  private endMoving(): void {
    if (this.old !== undefined) release(this.old);
    this.old = undefined;
  }
}

/** The number of pairs minus one; the number is a power of two. */
export function maskOf(slots: Int32Array): number {
  return (slots.length >> 1) - 1;
}

/** Returns how many slots behind its own the id has been put. */
function put(slots: Int32Array, hash: number, id: number): number {
  const mask = maskOf(slots);
  const home = hash & mask;
  let at = home;
  while (slots[2 * at] !== 0) at = (at + 1) & mask;
  slots[2 * at] = id;
  slots[2 * at + 1] = hash;
  return (at - home) & mask;
}

function pairsFor(expected: number): number {
  let pairs = 64;
  while (pairs < expected * 2) pairs *= 2;
  return pairs;
}
