import { comparePrefixes } from '#policy/prefix-bits.ts';
import type { Prefix } from '#wire/nlri.ts';

interface Placed {
  readonly prefix: Prefix;
}

/** How many additions are sorted in at once: about a millisecond of work. */
const mostAdded = 2048;

/**
 * A long list in order of family, address and length, as routes are listed. Neither an addition nor a look at the list
 * ever sorts more than a few thousand entries.
 */
export class SortedAddresses<Row extends Placed> {
  private sorted: readonly Row[] = [];
  private added: Row[] = [];

  add(row: Row): void {
    this.added.push(row);
    if (this.added.length >= mostAdded) this.merge();
  }

  remove(rows: ReadonlySet<Row>): void {
    this.merge();
    this.sorted = this.sorted.filter((row) => !rows.has(row));
  }

  /** Valid until the next addition. */
  list(): readonly Row[] {
    if (this.added.length > 0) this.merge();
    return this.sorted;
  }

  private merge(): void {
    const added = this.added.toSorted(byPlace);
    this.added = [];
    const merged: Row[] = [];
    let at = 0;
    for (const row of this.sorted) {
      while (at < added.length && byPlace(added[at], row) < 0) merged.push(added[at++]);
      merged.push(row);
    }
    for (; at < added.length; at++) merged.push(added[at]);
    this.sorted = merged;
  }
}

function byPlace({ prefix: a }: Placed, { prefix: b }: Placed): number {
  return a.family - b.family || comparePrefixes(a, b);
}
