import type { PeerId, PeerSetId } from '#policy/ids.ts';

/** A set of peers as a bitmap: bit n is PeerId n. Small, immutable, compared by value. */
export type PeerMask = bigint;

const masks: PeerMask[] = [];

/** The set of this peer alone; kept, as making a bigint costs more than all else in a share. */
export function maskOf(peer: PeerId): PeerMask {
  return (masks[peer] ??= 1n << BigInt(peer));
}

export function maskHas(mask: PeerMask, peer: PeerId): boolean {
  return ((mask >> BigInt(peer)) & 1n) === 1n;
}

/** The peers of a mask, lowest id first. */
export function membersOf(mask: PeerMask): PeerId[] {
  const members: PeerId[] = [];
  for (let peer = 0, rest = mask; rest !== 0n; peer++, rest >>= 1n) {
    if ((rest & 1n) === 1n) members.push(peer as PeerId);
  }
  return members;
}

/** Interned sets. There are as many as there are ways that routes are shared out: a handful. */
export class PeerSets {
  private readonly masks: PeerMask[] = [0n];
  private readonly ids = new Map<PeerMask, PeerSetId>();

  intern(mask: PeerMask): PeerSetId {
    let id = this.ids.get(mask);
    if (id === undefined) {
      id = (this.masks.push(mask) - 1) as PeerSetId;
      this.ids.set(mask, id);
    }
    return id;
  }

  mask(id: PeerSetId): PeerMask {
    return this.masks[id];
  }

  /** Every id is below this. */
  get limit(): number {
    return this.masks.length;
  }
}
