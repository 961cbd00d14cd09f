import { type AttrsId, none } from '#policy/ids.ts';
import { Collector } from '../collector.ts';
import type { FamilyRib } from '../family-rib.ts';
import type { Rib } from '../rib.ts';
import { Slice } from '../slice.ts';
import { AttrTable } from '../tables/attr-table.ts';
import { PeerSets } from '../tables/peer-sets.ts';

/** Sets and shares from which on unnamed ones are swept: an overlay names those of a few prefixes. */
const sweepAt = 1 << 13;

/**
 * The attribute sets of a simulation: judges compiled against `table` intern there, and what the live
 * RIB names is copied when first met. Multiplies by the sets met since the last sweep.
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

  /** `seed` must not be known to peers. */
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

  /** The set that the live RIB knows by this id; 0 stays 0. */
  copyOf(id: AttrsId): AttrsId {
    if (id === none) return id;
    if (this.seenRuns !== this.live.collector.runs) this.copies.clear();
    this.seenRuns = this.live.collector.runs;
    let copy = this.copies.get(id);
    if (copy === undefined)
      this.copies.set(id, (copy = this.table.intern(this.live.attrs.read(id))));
    return copy;
  }

  /** What an overlay's columns name stays; `forget` is called when ids were freed. */
  keepFor(overlay: FamilyRib, forget: () => void): void {
    this.overlays.push(overlay);
    this.forgets.push(forget);
  }

  /** To be called between two prefixes, when nobody holds an id that no column names. */
  sweepIfDue(): void {
    this.collector.work(new Slice(Infinity));
  }

  private forget(): void {
    this.copies.clear();
    for (const forget of this.forgets) forget();
  }
}
