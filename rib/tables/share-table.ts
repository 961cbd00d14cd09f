import { type AttrsId, none, type PeerId, type PeerSetId, type ShareId } from '#policy/ids.ts';
import type { Slice } from '../work/slice.ts';
import { capacityFor, widen } from './columns.ts';
import { HashIndex, maskOf } from './hash/hash-index.ts';
import { MultilinearHash } from './hash/multilinear-hash.ts';
import { IdPool } from './ids/id-pool.ts';
import { maskHas, type PeerMask, type PeerSets } from './peer-sets.ts';

/** What one set of peers is sent. */
export interface Cell {
  mask: PeerMask;
  readonly attrs: AttrsId;
}

/**
 * A share says who is sent a prefix, and with which attributes. It is a list of cells (set of peers, attributes), each
 * interned with the share that follows it, so that equal shares are one integer. Share 0 is "nobody". The sets of one
 * share are disjoint. 24 bytes per cell; there are about as many as attribute sets in use.
 */
export class ShareTable {
  private readonly ids = new IdPool();
  private readonly index = new HashIndex(0, {
    hashOf: (id) => this.hashOf(id),
    rekey: () => this.hash.rekey(),
  });
  private readonly hash: MultilinearHash;
  private readonly peerSets: PeerSets;
  /** A sweep in progress, and the id that it comes to next. */
  private swept: { readonly named: Uint8Array; at: number } | undefined;
  private capacity = 64;
  private sets = new Uint32Array(this.capacity);
  private attrsIds = new Uint32Array(this.capacity);
  private rests = new Uint32Array(this.capacity);

  /** Peers must not know `seed`. */
  constructor(peerSets: PeerSets, seed: number) {
    this.hash = new MultilinearHash(seed);
    this.peerSets = peerSets;
  }

  /** Returns the share that gives `attrs` to `mask` and continues as `rest`. `attrs` 0 means a withdrawal. */
  cons(mask: PeerMask, attrs: AttrsId, rest: ShareId): ShareId {
    return this.consSet(this.internSet(mask), attrs, rest);
  }

  internSet(mask: PeerMask): PeerSetId {
    return this.peerSets.intern(mask);
  }

  /** As `cons`, for a set that is interned. */
  consSet(set: PeerSetId, attrs: AttrsId, rest: ShareId): ShareId {
    const hash = this.hash.ofWords(set, attrs, rest);
    const slots = this.index.slotsOf(hash);
    const slotMask = maskOf(slots);
    for (let slot = hash & slotMask; slots[2 * slot] !== 0; slot = (slot + 1) & slotMask) {
      const id = slots[2 * slot];
      if (slots[2 * slot + 1] !== hash) continue;
      if (this.sets[id] === set && this.attrsIds[id] === attrs && this.rests[id] === rest) {
        return this.saved(id);
      }
    }
    return this.insert(hash, set, attrs, rest);
  }

  set(share: ShareId): PeerSetId {
    return this.sets[share] as PeerSetId;
  }

  mask(share: ShareId): PeerMask {
    return this.peerSets.mask(this.sets[share] as PeerSetId);
  }

  /** Returns the peers of a set, lowest id first. */
  members(set: PeerSetId): readonly PeerId[] {
    return this.peerSets.members(set);
  }

  attrs(share: ShareId): AttrsId {
    return this.attrsIds[share] as AttrsId;
  }

  rest(share: ShareId): ShareId {
    return this.rests[share] as ShareId;
  }

  /** Returns what the peer is sent, 0 for nothing. */
  attrsFor(share: ShareId, peer: PeerId): AttrsId {
    for (let cell = share; cell !== none; cell = this.rest(cell)) {
      if (maskHas(this.mask(cell), peer)) return this.attrs(cell);
    }
    return none as AttrsId;
  }

  /** Returns its cells, to be changed by the caller. */
  cells(share: ShareId): Cell[] {
    const cells: Cell[] = [];
    for (let cell = share; cell !== none; cell = this.rest(cell)) {
      cells.push({ mask: this.mask(cell), attrs: this.attrs(cell) });
    }
    return cells;
  }

  /** Returns every peer that is sent something. */
  everyone(share: ShareId): PeerMask {
    let mask = 0n;
    for (let cell = share; cell !== none; cell = this.rest(cell)) mask |= this.mask(cell);
    return mask;
  }

  /** Returns the share without these peers. */
  without(share: ShareId, peers: PeerMask): ShareId {
    if (share === none || (this.everyone(share) & peers) === 0n) return share;
    const rest = this.without(this.rest(share), peers);
    const mask = this.mask(share) & ~peers;
    return mask === 0n ? rest : this.cons(mask, this.attrs(share), rest);
  }

  get size(): number {
    return this.ids.size;
  }

  /** Every id is below this. */
  get limit(): number {
    return this.ids.limit;
  }

  /**
   * Begins to free the cells that `named[id]` does not mark; cells that continue marked ones are kept, and so are those
   * that are looked up before `sweepOn` has reached them. Returns whether there are any to free. Whatever is remembered
   * by ShareId must be forgotten then.
   */
  beginSweep(named: Uint8Array): boolean {
    const { sets, rests } = this;
    let kept = 0;
    for (let id = 1; id < named.length; id++) {
      if (named[id] === 1)
        for (let cell = rests[id]; cell !== none; cell = rests[cell]) named[cell] = 1;
    }
    for (let id = 1; id < named.length; id++) kept += Number(named[id] === 1 && sets[id] !== none);
    if (kept === this.ids.size) return false;
    this.swept = { named, at: 1 };
    return true;
  }

  get isSweeping(): boolean {
    return this.swept !== undefined;
  }

  /** Does as many rows of the sweep as the slice has. */
  sweepOn(slice: Slice): void {
    if (this.swept === undefined) return;
    const { swept, sets } = this;
    for (; swept.at < swept.named.length; swept.at++) {
      if (!slice.take()) return;
      const id = swept.at;
      if (swept.named[id] === 1 || sets[id] === none) continue;
      this.index.remove(this.hashOf(id), id);
      sets[id] = none;
      this.ids.give(id);
    }
    this.swept = undefined;
  }

  /** Sets 1 at every attribute set that a cell refers to. */
  markAttrs(named: Uint8Array): void {
    const { sets, attrsIds } = this;
    for (let id = 1; id < this.ids.limit; id++) if (sets[id] !== none) named[attrsIds[id]] = 1;
  }

  /** Sets 1 at every set of peers that a cell refers to. */
  markPeerSets(named: Uint8Array): void {
    const { sets } = this;
    for (let id = 1; id < this.ids.limit; id++) named[sets[id]] = 1;
  }

  private insert(hash: number, set: PeerSetId, attrs: AttrsId, rest: ShareId): ShareId {
    const id = this.ids.take() as ShareId;
    if (id >= this.capacity) this.grow(id);
    this.sets[id] = set;
    this.attrsIds[id] = attrs;
    this.rests[id] = rest;
    this.index.add(hash, id);
    return this.saved(id);
  }

  /** The cell is in use again, so a sweep in progress must not free it. Whoever looks it up uses what continues it. */
  private saved(id: number): ShareId {
    if (this.swept !== undefined) this.swept.named[id] = 1;
    return id as ShareId;
  }

  private hashOf(id: number): number {
    return this.hash.ofWords(this.sets[id], this.attrsIds[id], this.rests[id]);
  }

  private grow(id: ShareId): void {
    this.capacity = capacityFor(id, this.capacity);
    this.sets = widen(this.sets, this.capacity);
    this.attrsIds = widen(this.attrsIds, this.capacity);
    this.rests = widen(this.rests, this.capacity);
  }
}
