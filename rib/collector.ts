import type { FamilyRib } from './family-rib.ts';
import type { AttrTable } from './tables/attr-table.ts';
import type { PeerSets } from './tables/peer-sets.ts';
import type { Slice } from './work/slice.ts';

/** The number of sets of peers from which unreferenced ones are swept. */
const leastPeerSets = 1024;

/** The bytes of attribute sets from which unreferenced ones are swept, however few they are. */
const leastSetBytes = 1 << 26;

/** Each returns whether it has freed something, or begins to. */
const steps = ['beginShareSweep', 'sweepPeerSets', 'beginAttrSweep'] as const;

/**
 * Frees attribute sets, shares and sets of peers that no column refers to. Instead of counting references, it looks
 * when there are twice as many, or twice as many bytes, as were in use the last time. This takes a few ms for a million
 * paths.
 */
export class Collector {
  private readonly attrs: AttrTable;
  private readonly ribs: readonly FamilyRib[];
  private readonly peerSets: PeerSets;
  private readonly onFreed: () => void;
  private readonly leastSets: number;
  private dueAt: number;
  private peerSetsDueAt = leastPeerSets;
  private bytesDueAt = leastSetBytes;
  /** The index of the next one of `steps`. */
  private next = 0;
  /** How often it has freed some; ids that were remembered before may belong to others since. */
  runs = 0;

  /** `onFreed` must drop everything that is remembered by AttrsId, ShareId or PeerSetId. */
  constructor(
    attrs: AttrTable,
    ribs: readonly FamilyRib[],
    peerSets: PeerSets,
    onFreed: () => void,
    leastSets = 1 << 15,
  ) {
    this.leastSets = leastSets;
    this.dueAt = leastSets;
    this.attrs = attrs;
    this.ribs = ribs;
    this.peerSets = peerSets;
    this.onFreed = onFreed;
  }

  private get isDue(): boolean {
    const sets = this.ribs.reduce((sum, rib) => sum + rib.shares.size, this.attrs.size);
    const isDue = sets >= this.dueAt || this.attrs.bytes >= this.bytesDueAt;
    return isDue || this.peerSets.size >= this.peerSetsDueAt;
  }

  get isSweeping(): boolean {
    return this.attrs.isSweeping || this.ribs.some(({ shares }) => shares.isSweeping);
  }

  /** Whether it waits for the shares that are staged; nothing more is to be staged until then. */
  get isWaiting(): boolean {
    return !this.isSweeping && (this.next > 0 || this.isDue);
  }

  /** Whether the next `work` looks at all columns, which takes a few ms: nothing else belongs in that slice. */
  get isToMark(): boolean {
    return this.isWaiting && !this.isDelivering;
  }

  /** Whether `work` has something to do now. */
  get hasWork(): boolean {
    return this.isSweeping || this.isToMark;
  }

  /**
   * Does one step: it marks shares, which it frees as far as each slice goes, then marks and frees sets of peers, then
   * marks attribute sets, which it frees like shares. Each marking looks at all columns again, so that anything may
   * change between two of them. It marks nothing while shares are staged, because no column refers to them yet.
   */
  work(slice: Slice): void {
    if (!this.hasWork) return;
    this.runs++;
    if (this.isSweeping) this.sweepOn(slice);
    else if (this[steps[this.next++]]()) this.onFreed();
    if (this.next === steps.length && !this.isSweeping) this.settle();
  }

  private get isDelivering(): boolean {
    return this.ribs.some(({ outbound }) => outbound.isDelivering);
  }

  /** Determines when to look again. */
  private settle(): void {
    const alive = this.ribs.reduce((sum, rib) => sum + rib.shares.size, this.attrs.size);
    this.next = 0;
    this.dueAt = Math.max(this.leastSets, alive * 2);
    this.bytesDueAt = Math.max(leastSetBytes, this.attrs.bytes * 2);
    this.peerSetsDueAt = Math.max(leastPeerSets, this.peerSets.size * 2);
  }

  private sweepOn(slice: Slice): void {
    for (const { shares } of this.ribs) shares.sweepOn(slice);
    this.attrs.sweepOn(slice);
  }

  private beginShareSweep(): boolean {
    let isBegun = false;
    for (const { shares, tables } of this.ribs) {
      const named = new Uint8Array(shares.limit);
      tables.sentPaths.markShares(named);
      tables.adjRibOut.markShares(named);
      isBegun = shares.beginSweep(named) || isBegun;
    }
    return isBegun;
  }

  private sweepPeerSets(): boolean {
    const named = new Uint8Array(this.peerSets.limit);
    for (const { shares } of this.ribs) shares.markPeerSets(named);
    return this.peerSets.sweep(named);
  }

  private beginAttrSweep(): boolean {
    const named = new Uint8Array(this.attrs.limit);
    for (const { shares, tables } of this.ribs) {
      shares.markAttrs(named);
      tables.paths.markAttrs(named);
    }
    const isBegun = this.attrs.bytes >= this.bytesDueAt || isWorthwhile(named, this.attrs.size);
    if (isBegun) this.attrs.beginSweep(named);
    return isBegun;
  }
}

/**
 * Returns whether a quarter of the sets is unreferenced, since a sweep copies the others. While a table is loaded all
 * are referenced, and sweeps took a twentieth of the time (bench:micro).
 */
function isWorthwhile(named: Uint8Array, size: number): boolean {
  let alive = 0;
  for (let id = 1; id < named.length; id++) alive += named[id];
  return alive * 4 <= size * 3;
}
