import { none, type PrefixId } from '#policy/ids.ts';
import { capacityFor, widen } from '../columns.ts';
import { IdQueue } from './id-queue.ts';

/** The table of the prefixes. */
export interface KnownPrefixes {
  /** Every id is below this. */
  readonly limit: number;
  has(prefix: PrefixId): boolean;
}

/** Where a prefix waits. */
const Place = { nowhere: 0, first: 1, behind: 2 } as const;

/**
 * Prefixes whose advertisement may have to change, each once. Changes from the network go first, in the order in which
 * they came; then what `behind` adds; and last the pass over the whole table that `addAll` requests. One byte per
 * prefix.
 */
export class DirtySet {
  private readonly known: KnownPrefixes;
  private readonly first = new IdQueue();
  /** Prefixes that have moved to `first` since are still in it, and are skipped. */
  private readonly rest = new IdQueue();
  private places = new Uint8Array(64);
  private count = 0;
  private firstCount = 0;
  private isBehind = false;
  /** The pass: the next id, how many are left, and the id after the last one, at which it starts over. */
  private passAt = 1;
  private passLeft = 0;
  private passEnd = 1;

  constructor(known: KnownPrefixes) {
    this.known = known;
  }

  /** At least as many as are waiting: a pass counts ids that no prefix has, too. */
  get size(): number {
    return this.count + this.passLeft;
  }

  /** Whether more is waiting than what may wait behind everything else. */
  get isUrgent(): boolean {
    return this.firstCount > 0;
  }

  /** A prefix that only a pass will reach is not included. */
  has(prefix: PrefixId): boolean {
    return prefix < this.places.length && this.places[prefix] !== Place.nowhere;
  }

  add(prefix: PrefixId): void {
    if (prefix >= this.places.length) {
      this.places = widen(this.places, capacityFor(prefix, this.places.length));
    }
    const place = this.isBehind ? Place.behind : Place.first;
    const before = this.places[prefix];
    if (before === Place.first || before === place) return;
    this.places[prefix] = place;
    if (before === Place.nowhere) this.count++;
    if (place === Place.behind) return this.rest.push(prefix);
    this.firstCount++;
    this.first.push(prefix);
  }

  /**
   * Adds every existing prefix once, after everything else that is added. There is one pass for whatever has been
   * requested before it is over, and it needs no more memory than its position.
   */
  addAll(): void {
    if (this.passLeft === 0) this.passAt = 1;
    this.passEnd = this.known.limit;
    this.passLeft = Math.max(0, this.passEnd - 1);
  }

  /** What `work` adds waits behind what is added otherwise. */
  behind(work: () => void): void {
    this.isBehind = true;
    work();
    this.isBehind = false;
  }

  /** Returns the prefix whose turn it is, or 0. */
  take(): PrefixId {
    const prefix = this.takeFirst() || this.takeRest();
    if (prefix === none) return this.takeOfPass();
    this.places[prefix] = Place.nowhere;
    this.count--;
    return prefix as PrefixId;
  }

  private takeFirst(): number {
    if (this.firstCount === 0) return none;
    this.firstCount--;
    return this.first.shift();
  }

  private takeRest(): number {
    for (;;) {
      const prefix = this.rest.shift();
      if (prefix === none || this.places[prefix] === Place.behind) return prefix;
    }
  }

  /** Ids that were given out after the pass was requested are past its end, or are added as changes. */
  private takeOfPass(): PrefixId {
    while (this.passLeft > 0) {
      this.passLeft--;
      if (this.passAt >= this.passEnd) this.passAt = 1;
      const prefix = this.passAt++ as PrefixId;
      if (this.known.has(prefix)) return prefix;
    }
    return none as PrefixId;
  }
}
