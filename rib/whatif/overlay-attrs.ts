import { type AttrsId, none } from '#policy/ids.ts';
import { Collector } from '../collector.ts';
import type { FamilyRib } from '../family-rib.ts';
import type { Rib } from '../rib.ts';
import { AttrTable } from '../tables/attr-table.ts';
import { PeerSets } from '../tables/peer-sets.ts';
import { Slice } from '../work/slice.ts';

/**
 * The number of sets and shares from which unreferenced ones are swept: an overlay refers to those of a few prefixes.
 */
const sweepAt = 1 << 13;

/**
 * The attribute sets of a simulation. Judges compiled with `table` intern there, and what the live RIB refers to is
 * copied when first seen. Its size grows with the sets seen since the last sweep.
 */
export class OverlayAttrs {
  readonly table: AttrTable;
  readonly peerSets = new PeerSets();
  private readonly live: Rib;
  private readonly copies = new Map<AttrsId, AttrsId>();
  private readonly overlays: FamilyRib[] = [];
  private readonly forgets: (() => void)[] = [];
  private readonly collector: Collector;
  private seenRuns: number;

  /** Peers must not know `seed`. */
  constructor(live: Rib, seed: number) {
    this.live = live;
    this.table = new AttrTable(seed);
    this.seenRuns = live.collector.runs;
    this.collector = new Collector(
      this.table,
      this.overlays,
      this.peerSets,
      () => this.forget(),
      sweepAt,
    );
  }

  /** Returns the copy of the set that the live RIB knows by this id; 0 stays 0. */
  copyOf(id: AttrsId): AttrsId {
    if (id === none) return id;
    if (this.seenRuns !== this.live.collector.runs) this.copies.clear();
    this.seenRuns = this.live.collector.runs;
    let copy = this.copies.get(id);
    if (copy === undefined)
      this.copies.set(id, (copy = this.table.intern(this.live.attrs.read(id))));
    return copy;
  }

  /** What an overlay's columns refer to is kept; `forget` is called when ids were freed. */
  keepFor(overlay: FamilyRib, forget: () => void): void {
    this.overlays.push(overlay);
    this.forgets.push(forget);
  }

  /** To be called between two prefixes, when no id is held that no column refers to. */
  sweepIfDue(): void {
    while (this.collector.hasWork) this.collector.work(new Slice(Infinity));
  }

  private forget(): void {
    this.copies.clear();
    for (const forget of this.forgets) forget();
  }
}
