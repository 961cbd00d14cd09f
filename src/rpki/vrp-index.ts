import type { Prefix } from '#wire/nlri.ts';
import type { Vrp } from './pdu.ts';
import type { VrpColumns } from './vrp-columns.ts';

const rowsPerStep = 8192;
const none = -1;

/**
 * Finds the VRPs that cover a prefix. The rows are sorted by address, then length, so the last row at or before a
 * prefix is inside everything that covers the prefix: a binary search finds it, and `parents` leads from there to all
 * that do. 4 bytes per VRP in addition to its columns.
 */
export class VrpIndex {
  readonly columns: VrpColumns;
  /** By row: the last row of the longest prefix that contains this one; -1 if there is none. */
  private readonly parents: Int32Array;

  private constructor(columns: VrpColumns, parents: Int32Array) {
    this.columns = columns;
    this.parents = parents;
  }

  /** `columns` are in the order of `VrpColumns.compare`, and never change again. */
  static *of(columns: VrpColumns): Generator<void, VrpIndex> {
    const parents = new Int32Array(columns.count);
    for (let row = 0; row < columns.count; row++) {
      parents[row] = row === 0 ? none : parentOf(columns, parents, row);
      if (row % rowsPerStep === 0) yield;
    }
    return new VrpIndex(columns, parents);
  }

  /** Returns the last row of the longest prefix that covers the given one; -1 if none does. Hot. */
  longest(prefix: Prefix): number {
    const { columns } = this;
    let row = this.lastUpTo(prefix);
    while (row !== none && !columns.covers(row, prefix)) row = this.parents[row];
    return row;
  }

  /** Returns the last row of the next shorter prefix that covers the prefix of the row; -1 if none does. */
  parent(row: number): number {
    return this.parents[row];
  }

  /** Returns the first row that has the same prefix as `last`, which is the last of them. */
  firstOf(last: number): number {
    let first = last;
    while (first > 0 && this.columns.comparePrefix(first - 1, this.columns, last) === 0) first--;
    return first;
  }

  /** Returns all that cover the prefix, whatever their maximum length, the longest first. */
  covering(prefix: Prefix): Vrp[] {
    const found: Vrp[] = [];
    for (let last = this.longest(prefix); last !== none; last = this.parents[last]) {
      for (let row = this.firstOf(last); row <= last; row++) found.push(this.columns.vrp(row));
    }
    return found;
  }

  get bytes(): number {
    return this.columns.bytes + this.parents.byteLength;
  }

  private lastUpTo(prefix: Prefix): number {
    let low = 0;
    let high = this.columns.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isAfter(this.columns, middle, prefix)) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }
}

/** The previous row is the same prefix, contains this one, or leads to one that does. */
function parentOf(columns: VrpColumns, parents: Int32Array, row: number): number {
  if (columns.comparePrefix(row - 1, columns, row) === 0) return parents[row - 1];
  const prefix = columns.vrp(row);
  let candidate = row - 1;
  while (candidate !== none && !columns.covers(candidate, prefix)) candidate = parents[candidate];
  return candidate;
}

function isAfter(columns: VrpColumns, row: number, prefix: Prefix): boolean {
  const { words, stride } = columns;
  const at = row * stride;
  let order = words[at] - (prefix.word0 >>> 0);
  if (order !== 0) return order > 0;
  if (stride > 1) {
    order = words[at + 1] - (prefix.word1 >>> 0);
    if (order !== 0) return order > 0;
    order = words[at + 2] - (prefix.word2 >>> 0);
    if (order !== 0) return order > 0;
    order = words[at + 3] - (prefix.word3 >>> 0);
    if (order !== 0) return order > 0;
  }
  return columns.lengths[row] > prefix.lengthBits;
}
