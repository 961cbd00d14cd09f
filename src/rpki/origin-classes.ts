import type { Prefix } from '#wire/nlri.ts';
import type { VrpIndex } from './vrp-index.ts';

/** The class of prefixes that no VRP covers. */
export const uncovered = 0;

/**
 * Small numbers for the sets of ASes that may originate a prefix, equal for equal sets. They outlast a change of the
 * VRPs, so that what is remembered by class stays true.
 */
export class OriginClasses {
  private readonly ids = new Map<string, number>();
  /**
   * By class; that of `uncovered` is never used. An empty set means that the prefix is covered and no AS may originate
   * it.
   */
  private readonly origins: (readonly number[])[] = [[]];

  get size(): number {
    return this.origins.length;
  }

  /** `asns` are in ascending order, without duplicates. */
  intern(asns: readonly number[]): number {
    const key = asns.join();
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.origins.length;
      this.origins.push(asns);
      this.ids.set(key, id);
    }
    return id;
  }

  originsOf(originClass: number): readonly number[] {
    return this.origins[originClass];
  }
}

/** The classes of the prefixes of one family, by its VRPs; 5 bytes per VRP. */
export class ClassifiedVrps {
  readonly index: VrpIndex;
  readonly classes: OriginClasses;
  /** By the last row of the longest covering prefix: the length that was looked up last, and its class. */
  private readonly lengths: Uint8Array;
  private readonly known: Int32Array;

  constructor(index: VrpIndex, classes: OriginClasses) {
    this.index = index;
    this.classes = classes;
    this.lengths = new Uint8Array(index.columns.count);
    this.known = new Int32Array(index.columns.count);
  }

  /** Hot: called once for each prefix that is judged. */
  classOf(prefix: Prefix): number {
    const row = this.index.longest(prefix);
    if (row < 0) return uncovered;
    if (this.known[row] !== 0 && this.lengths[row] === prefix.lengthBits) return this.known[row];
    const found = this.classes.intern(this.originsOf(row, prefix.lengthBits));
    this.lengths[row] = prefix.lengthBits;
    this.known[row] = found;
    return found;
  }

  get bytes(): number {
    return this.index.bytes + this.lengths.byteLength + this.known.byteLength;
  }

  /** RFC 6811 §2; AS 0 originates nothing (RFC 6483 §4). */
  private originsOf(longest: number, lengthBits: number): number[] {
    const { index } = this;
    const { maxLengths, asns } = index.columns;
    const origins = new Set<number>();
    for (let last = longest; last >= 0; last = index.parent(last)) {
      for (let row = index.firstOf(last); row <= last; row++) {
        if (maxLengths[row] >= lengthBits && asns[row] !== 0) origins.add(asns[row]);
      }
    }
    return [...origins].toSorted((a, b) => a - b);
  }
}
