import { none, type PrefixId, type ShareId } from '#policy/ids.ts';
import { capacityFor, widen } from '../tables/id-pool.ts';
import type { ShareTable } from '../tables/share-table.ts';

/**
 * The prefixes of one round by what is written of them for whom: a share of one cell, attributes 0
 * for a withdrawal. Chains in columns that serve every round: a Map of arrays was two thirds of
 * the garbage of a full table and a tenth of its CPU time (bench:micro). 4 bytes a share, 9 a prefix
 * of the largest round.
 */
export class StagedChanges {
  private readonly shares: ShareTable;
  /** By ShareId: where its cell is; true only if the cell there names the share. */
  private places = new Uint32Array(64);
  private cells = new Uint32Array(64);
  /** By place. */
  private firsts = new Uint32Array(64);
  private lasts = new Uint32Array(64);
  private cellCount = 0;
  /** Links of the chains; the first is number 1. */
  private prefixes = new Uint32Array(64);
  private nexts = new Uint32Array(64);
  private news = new Uint8Array(64);
  private linkCount = 0;
  private isInOrder = true;

  constructor(shares: ShareTable) {
    this.shares = shares;
  }

  get isEmpty(): boolean {
    return this.cellCount === 0;
  }

  /** `isNew`: nobody had been sent the prefix. */
  add(cell: ShareId, prefix: PrefixId, isNew: boolean): void {
    const link = ++this.linkCount;
    if (link >= this.prefixes.length) this.growLinks(link);
    this.prefixes[link] = prefix;
    this.nexts[link] = none;
    this.news[link] = isNew ? 1 : 0;
    const place = this.placeOf(cell);
    if (place === undefined) return this.start(cell, link);
    this.nexts[this.lasts[place]] = link;
    this.lasts[place] = link;
  }

  /** The cells, those for the same set of peers side by side. Valid until `clear`. */
  ordered(): Uint32Array {
    const cells = this.cells.subarray(0, this.cellCount);
    if (this.isInOrder) return cells;
    const { shares } = this;
    const setOf = (cell: number): number => shares.set(cell as ShareId);
    return cells.slice().sort((a, b) => setOf(a) - setOf(b));
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

  isNew(link: number): boolean {
    return this.news[link] === 1;
  }

  clear(): void {
    this.cellCount = 0;
    this.linkCount = 0;
    this.isInOrder = true;
  }

  private placeOf(cell: ShareId): number | undefined {
    const place = cell < this.places.length ? this.places[cell] : 0;
    return place < this.cellCount && this.cells[place] === cell ? place : undefined;
  }

  private start(cell: ShareId, link: number): void {
    const place = this.cellCount++;
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

  private growCells(place: number): void {
    const capacity = capacityFor(place, this.cells.length);
    this.cells = widen(this.cells, capacity);
    this.firsts = widen(this.firsts, capacity);
    this.lasts = widen(this.lasts, capacity);
  }

  private growLinks(link: number): void {
    const capacity = capacityFor(link, this.prefixes.length);
    this.prefixes = widen(this.prefixes, capacity);
    this.nexts = widen(this.nexts, capacity);
    this.news = widen(this.news, capacity);
  }
}
