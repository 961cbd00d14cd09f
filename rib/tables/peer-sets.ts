import type { PeerId, PeerSetId } from '#policy/ids.ts';
import { IdPool } from './ids/id-pool.ts';

/** A set of peers as a bitmap: bit n is PeerId n. Small, immutable, compared by value. */
export type PeerMask = bigint;

const masks: PeerMask[] = [];

/**
 * Returns the set of this peer alone. It is kept, because making a bigint costs more than everything else in a share.
 */
export function maskOf(peer: PeerId): PeerMask {
  return (masks[peer] ??= 1n << BigInt(peer));
}

export function maskHas(mask: PeerMask, peer: PeerId): boolean {
  return ((mask >> BigInt(peer)) & 1n) === 1n;
}

/** Returns the peers of a mask, lowest id first. */
export function membersOf(mask: PeerMask): PeerId[] {
  const members: PeerId[] = [];
  for (let first = 0, rest = mask; rest !== 0n; first += 32, rest >>= 32n) {
    let word = Number(rest & 0xffffffffn);
    for (let peer = first; word !== 0; peer++, word >>>= 1) {
      if ((word & 1) === 1) members.push(peer as PeerId);
    }
  }
  return members;
}

/**
 * Interned sets. As many are in use as there are different ways of sending routes, which is a handful; each peer that
 * joins or leaves makes others, and `sweep` frees those that nothing refers to any more.
 */
export class PeerSets {
  private readonly pool = new IdPool();
  private readonly masks: PeerMask[] = [0n];
  private readonly ids = new Map<PeerMask | string, PeerSetId>();
  private readonly lists: (readonly PeerId[] | undefined)[] = [];

  intern(mask: PeerMask): PeerSetId {
    const key = keyOf(mask);
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.pool.take() as PeerSetId;
      this.masks[id] = mask;
      this.ids.set(key, id);
    }
    return id;
  }

  mask(id: PeerSetId): PeerMask {
    return this.masks[id];
  }

  /** Frees every set that `named[id]` does not mark; returns whether there were any. */
  sweep(named: Uint8Array): boolean {
    const before = this.ids.size;
    for (let id = 1; id < this.limit; id++) {
      if (named[id] === 1) continue;
      const key = keyOf(this.masks[id]);
      if (this.ids.get(key) !== id) continue;
      this.ids.delete(key);
      this.masks[id] = 0n;
      this.lists[id] = undefined;
      this.pool.give(id);
    }
    return this.ids.size < before;
  }

  /** Sets in use. */
  get size(): number {
    return this.pool.size;
  }

  /** Returns its peers, lowest id first; remembered. */
  members(id: PeerSetId): readonly PeerId[] {
    return (this.lists[id] ??= membersOf(this.masks[id]));
  }

  /** Every id is below this. */
  get limit(): number {
    return this.pool.limit;
  }
}

const word = 1n << 64n;

/** A Map hashes only the lowest 64 bits of a bigint, in which all sets of many peers may be equal. */
function keyOf(mask: PeerMask): PeerMask | string {
  return mask < word ? mask : mask.toString(32);
}
