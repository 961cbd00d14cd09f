import type { PrefixId } from '#policy/ids.ts';
import { comparePrefixes } from '#policy/prefix-bits.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { Slice } from '../work/slice.ts';
import { type PrefixTable, scratchPrefix } from './prefix-table.ts';

/** The most ids in a run. */
const runLength = 512;
/** An order with fewer ids per run, on average, is built again. */
const leastFill = 64;
/** How many prefixes may be added and removed before an order that has not been read meanwhile is given up. */
const patience = 1 << 16;

/** Some ids in order; `count` of them, at least one. */
interface Run {
  readonly ids: Uint32Array;
  count: number;
}

/**
 * The prefixes of a family in order of address, then length, for listings and cursors: a row of sorted runs, into which
 * an id is inserted with ten to twenty comparisons and by moving a part of one run. It costs nothing until it is first
 * used; after that, prefixes that have new ids cost nothing until the next use. It takes 4 to 8 bytes per prefix.
 */
export class PrefixOrder {
  private readonly prefixes: PrefixTable;
  private runs: Run[] = [];
  /** All prefixes with ids below it are in the runs, and no others. */
  private next = 1 as PrefixId;
  /** Changes since the order was last read. */
  private unread = 0;
  /** The run that the last id was put into, because tables arrive more or less in order. */
  private last = 0;

  constructor(prefixes: PrefixTable) {
    this.prefixes = prefixes;
  }

  /** Adds what is missing, as far as the slice goes. Returns true if nothing is missing. */
  prepare(slice: Slice): boolean {
    const { prefixes } = this;
    prefixes.watch = this;
    this.unread = 0;
    for (; this.next < prefixes.limit; this.next++) {
      if (!slice.take()) return false;
      if (prefixes.has(this.next)) this.insert(this.next);
    }
    return true;
  }

  /**
   * Yields ids in order, from the first prefix that is not before `from`. They are complete if `prepare` has just
   * returned true; the table must not change meanwhile.
   */
  *ids(from?: Prefix): Generator<PrefixId, void> {
    const start = from === undefined ? { run: 0, at: 0 } : this.lowerBound(from);
    let { at } = start;
    for (let run = start.run; run < this.runs.length; run++, at = 0) {
      const { ids, count } = this.runs[run];
      for (; at < count; at++) yield ids[at] as PrefixId;
    }
  }

  /** The id has just been given to a prefix. A new id is added by `prepare`. */
  added(id: PrefixId): void {
    if (this.isKept(id)) this.insert(id);
  }

  /** The prefix is about to be removed. */
  removing(id: PrefixId): void {
    if (this.isKept(id)) this.remove(id);
  }

  private isKept(id: PrefixId): boolean {
    if (++this.unread > patience) this.giveUp();
    return id < this.next;
  }

  private giveUp(): void {
    this.prefixes.watch = undefined;
    this.runs = [];
    this.next = 1 as PrefixId;
  }

  private insert(id: PrefixId): void {
    const isBefore = (other: PrefixId): boolean => this.prefixes.compare(other, id) < 0;
    if (this.runs.length === 0) return this.insertRun(0, Uint32Array.of(id));
    this.last = this.isIn(this.last, isBefore) ? this.last : this.runOf(isBefore);
    const run = this.runs[this.last];
    const at = countWhile(run.count, (index) => isBefore(run.ids[index] as PrefixId));
    if (run.count < runLength) return insertAt(run, at, id);
    if (at === runLength) return this.insertRun(++this.last, Uint32Array.of(id));
    this.insertRun(this.last + 1, run.ids.subarray(runLength / 2));
    run.count = runLength / 2;
    this.insert(id);
  }

  private insertRun(at: number, ids: Uint32Array): void {
    const run: Run = { ids: new Uint32Array(runLength), count: ids.length };
    run.ids.set(ids);
    this.runs.splice(at, 0, run);
  }

  private remove(id: PrefixId): void {
    const isBefore = (other: PrefixId): boolean => this.prefixes.compare(other, id) <= 0;
    const at = this.runOf(isBefore);
    const run = this.runs[at];
    const index = run.ids.indexOf(id);
    run.ids.copyWithin(index, index + 1, run.count--);
    if (run.count === 0) this.runs.splice(at, 1);
    if ((this.runs.length - 1) * leastFill > this.prefixes.size) this.giveUp();
  }

  /** Whether the run is the last one that begins before. */
  private isIn(run: number, isBefore: (id: PrefixId) => boolean): boolean {
    return this.beginsBefore(run, isBefore) && !this.beginsBefore(run + 1, isBefore);
  }

  private beginsBefore(run: number, isBefore: (id: PrefixId) => boolean): boolean {
    return run < this.runs.length && isBefore(this.runs[run].ids[0] as PrefixId);
  }

  /** Returns the last run that begins before; the first one if none does. */
  private runOf(isBefore: (id: PrefixId) => boolean): number {
    const { runs } = this;
    const before = countWhile(runs.length, (at) => isBefore(runs[at].ids[0] as PrefixId));
    return Math.max(0, before - 1);
  }

  private lowerBound(from: Prefix): { run: number; at: number } {
    const scratch = scratchPrefix(this.prefixes.family);
    const isBefore = (id: PrefixId): boolean =>
      comparePrefixes(this.prefixes.read(id, scratch), from) < 0;
    const run = this.runOf(isBefore);
    if (run === this.runs.length) return { run, at: 0 };
    const { ids, count } = this.runs[run];
    return { run, at: countWhile(count, (index) => isBefore(ids[index] as PrefixId)) };
  }
}

/** Returns how many of the first `count` pass a test that those and no later ones pass. */
function countWhile(count: number, passes: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insertAt(run: Run, at: number, id: PrefixId): void {
  run.ids.copyWithin(at + 1, at, run.count++);
  run.ids[at] = id;
}
