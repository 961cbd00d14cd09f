import type { FamilyRib } from './family-rib.ts';
import type { AttrTable } from './tables/attr-table.ts';
import type { PeerSets } from './tables/peer-sets.ts';
import type { Slice } from './work/slice.ts';

/** The number of sets of peers from which unreferenced ones are swept. */
const leastPeerSets = 1024;

/** The bytes of attribute sets from which unreferenced ones are swept, however few they are. */
const leastSetBytes = 1 << 26;

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

  get isDue(): boolean {
    if (this.isSweeping) return false;
    const sets = this.ribs.reduce((sum, rib) => sum + rib.shares.size, this.attrs.size);
    const isDue = sets >= this.dueAt || this.attrs.bytes >= this.bytesDueAt;
    return isDue || this.peerSets.size >= this.peerSetsDueAt;
  }

  get isSweeping(): boolean {
    return this.attrs.isSweeping;
  }

  /** Whether `work` has something to do now. */
  get hasWork(): boolean {
    return this.isSweeping || (this.isDue && !this.isDelivering);
  }

  /**
   * Works as far as the slice goes. It begins no sweep while shares are staged, because no column refers to them yet.
   */
  work(slice: Slice): void {
    this.beginIfDue();
    if (!this.isSweeping) return;
    this.attrs.sweepOn(slice);
    this.runs++;
    if (!this.isSweeping) this.settleDue();
  }

  private beginIfDue(): void {
    if (!this.isDue || this.isDelivering) return;
    this.collect();
    if (!this.isSweeping) this.settleDue();
  }

  private get isDelivering(): boolean {
    return this.ribs.some(({ outbound }) => outbound.isDelivering);
  }

  /** Determines when to look again. */
  private settleDue(): void {
    const alive = this.ribs.reduce((sum, rib) => sum + rib.shares.size, this.attrs.size);
    this.dueAt = Math.max(this.leastSets, alive * 2);
    this.bytesDueAt = Math.max(leastSetBytes, this.attrs.bytes * 2);
    this.peerSetsDueAt = Math.max(leastPeerSets, this.peerSets.size * 2);
  }

  private collect(): void {
    const named = new Uint8Array(this.attrs.limit);
    let hasFreed = false;
    for (const rib of this.ribs) {
      hasFreed = this.sweepShares(rib) || hasFreed;
      rib.shares.markAttrs(named);
      rib.tables.paths.markAttrs(named);
    }
    if (this.attrs.bytes >= this.bytesDueAt || isWorthwhile(named, this.attrs.size)) {
      this.attrs.beginSweep(named);
      hasFreed = true;
    }
    hasFreed = this.sweepPeerSets() || hasFreed;
    this.runs++;
    if (hasFreed) this.onFreed();
  }

  private sweepPeerSets(): boolean {
    const named = new Uint8Array(this.peerSets.limit);
    for (const { shares } of this.ribs) shares.markPeerSets(named);
    return this.peerSets.sweep(named);
  }

  private sweepShares({ shares, tables }: FamilyRib): boolean {
    const named = new Uint8Array(shares.limit);
    tables.sentPaths.markShares(named);
    tables.adjRibOut.markShares(named);
    return shares.sweep(named);
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
