import { type AttrsId, none, type PathId, type PrefixId, type ShareId } from '#policy/ids.ts';
import { capacityFor, widen } from '../tables/columns.ts';
import { IdBits } from '../tables/ids/id-bits.ts';
import type { PeerMask } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';
import { sectionsOf, type StagedSection } from './staged-section.ts';

/**
 * The prefixes of one batch, each with the path that is sent of it, grouped by what is written about them and for whom:
 * a share of one cell, with attributes 0 for a withdrawal. They are chains in columns that serve every batch: a Map of
 * arrays was two thirds of the garbage of a full table and a tenth of its CPU time (bench:micro). 4 bytes per share, 13
 * per change of the largest batch.
 */
export class StagedChanges {
  private readonly shares: ShareTable;
  /** By ShareId: where its cell is; valid only if the cell there has the share. */
  private places = new Uint32Array(64);
  private cells = new Uint32Array(64);
  /** By place. */
  private firsts = new Uint32Array(64);
  private lasts = new Uint32Array(64);
  private cellCount = 0;
  /** Links of the chains; the first is number 1. */
  private prefixes = new Uint32Array(64);
  private paths = new Uint32Array(64);
  private nexts = new Uint32Array(64);
  private newFlags = new Uint8Array(64);
  private linkCount = 0;
  private isInOrder = true;
  /** Made when first needed in a batch. */
  private sorted: Uint32Array | undefined;
  private bySet: readonly StagedSection[] | undefined;
  /** Prefixes of which a withdrawal is staged, or was, until `release`. */
  private readonly leaving = new IdBits();
  private withdrawn: PrefixId[] = [];

  constructor(shares: ShareTable) {
    this.shares = shares;
  }

  /** Returns whether the prefix must keep its id. */
  has(prefix: PrefixId): boolean {
    return this.leaving.has(prefix);
  }

  get isEmpty(): boolean {
    return this.cellCount === 0;
  }

  /** Records what changes for whom. `path` is the path identifier, 0 for clients that take one path. */
  change(prefix: PrefixId, path: PathId, from: ShareId, to: ShareId): void {
    const { shares } = this;
    const isOneCell = to !== none && shares.rest(to) === none;
    const wasSameSet = shares.rest(from) === none && shares.set(from) === shares.set(to);
    if (isOneCell && (from === none || wasSameSet)) {
      this.add(to, prefix, path, from === none);
      return;
    }
    for (let cell = to; cell !== none; cell = shares.rest(cell)) {
      const attrs = shares.attrs(cell);
      let mask = shares.mask(cell);
      for (let old = from; old !== none; old = shares.rest(old)) {
        if (shares.attrs(old) === attrs) mask &= ~shares.mask(old);
      }
      this.addFor(mask, attrs, prefix, path, from === none);
    }
    const losers = shares.everyone(from) & ~shares.everyone(to);
    if (losers !== 0n) this.keep(prefix);
    this.addFor(losers, none as AttrsId, prefix, path, false);
  }

  private keep(prefix: PrefixId): void {
    if (this.leaving.has(prefix)) return;
    this.leaving.add(prefix);
    this.withdrawn.push(prefix);
  }

  private addFor(
    mask: PeerMask,
    attrs: AttrsId,
    prefix: PrefixId,
    path: PathId,
    isNew: boolean,
  ): void {
    if (mask === 0n) return;
    this.add(this.shares.cons(mask, attrs, none as ShareId), prefix, path, isNew);
  }

  /** `isNew` means that no client had been sent the prefix, or that path of it. */
  add(cell: ShareId, prefix: PrefixId, path: PathId, isNew: boolean): void {
    this.bySet = undefined;
    const link = ++this.linkCount;
    if (link >= this.prefixes.length) this.growLinks(link);
    this.prefixes[link] = prefix;
    this.paths[link] = path;
    this.nexts[link] = none;
    this.newFlags[link] = isNew ? 1 : 0;
    const place = this.placeOf(cell);
    if (place === undefined) return this.start(cell, link);
    this.nexts[this.lasts[place]] = link;
    this.lasts[place] = link;
  }

  /** Returns the cells, with those for the same set of peers side by side. Valid until `clear`. */
  ordered(): Uint32Array {
    return (this.sorted ??= this.sort());
  }

  /** Returns the batch by sets of peers. Valid until `clear`. */
  sections(): readonly StagedSection[] {
    return (this.bySet ??= sectionsOf(this, this.shares));
  }

  /** The first link of the cell's chain, or 0. */
  first(cell: ShareId): number {
    const place = this.placeOf(cell);
    return place === undefined ? none : this.firsts[place];
  }

  /** The link after this one, or 0. */
  next(link: number): number {
    return this.nexts[link];
  }

  prefix(link: number): PrefixId {
    return this.prefixes[link] as PrefixId;
  }

  path(link: number): PathId {
    return this.paths[link] as PathId;
  }

  isNew(link: number): boolean {
    return this.newFlags[link] === 1;
  }

  /**
   * Ends the batch. Returns the prefixes of which something was withdrawn, each once; they keep their ids until
   * `release`.
   */
  clear(): readonly PrefixId[] {
    this.cellCount = 0;
    this.linkCount = 0;
    this.isInOrder = true;
    this.sorted = undefined;
    this.bySet = undefined;
    const { withdrawn } = this;
    this.withdrawn = [];
    return withdrawn;
  }

  /** The prefix no longer needs to keep its id. */
  release(prefix: PrefixId): void {
    this.leaving.delete(prefix);
  }

  private placeOf(cell: ShareId): number | undefined {
    const place = cell < this.places.length ? this.places[cell] : 0;
    return place < this.cellCount && this.cells[place] === cell ? place : undefined;
  }

  private start(cell: ShareId, link: number): void {
    const place = this.cellCount++;
    this.sorted = undefined;
    if (cell >= this.places.length) {
      this.places = widen(this.places, capacityFor(cell, this.places.length));
    }
    if (place >= this.cells.length) this.growCells(place);
    const { shares, cells } = this;
    if (place > 0 && shares.set(cells[place - 1] as ShareId) > shares.set(cell)) {
      this.isInOrder = false;
    }
    this.places[cell] = place;
    cells[place] = cell;
    this.firsts[place] = link;
    this.lasts[place] = link;
  }

  private sort(): Uint32Array {
    const cells = this.cells.subarray(0, this.cellCount);
    if (this.isInOrder) return cells;
    const { shares } = this;
    const setOf = (cell: number): number => shares.set(cell as ShareId);
    return cells.slice().sort((a, b) => setOf(a) - setOf(b));
  }

  private growCells(place: number): void {
    const capacity = capacityFor(place, this.cells.length);
    this.cells = widen(this.cells, capacity);
    this.firsts = widen(this.firsts, capacity);
    this.lasts = widen(this.lasts, capacity);
  }

  private growLinks(link: number): void {
    const capacity = capacityFor(link, this.prefixes.length);
    this.prefixes = widen(this.prefixes, capacity);
    this.paths = widen(this.paths, capacity);
    this.nexts = widen(this.nexts, capacity);
    this.newFlags = widen(this.newFlags, capacity);
  }
}
