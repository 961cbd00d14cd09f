import { none, type PathId, type PrefixId } from '#policy/ids.ts';
import type { Family } from '#wire/constants.ts';
import type { DecisionOptions } from './decision-steps.ts';
import { Decision } from './decision.ts';
import { LocRib } from './loc-rib.ts';
import { AdjRibOut } from './out/adj-rib-out.ts';
import { SentPaths } from './out/sent-paths.ts';
import { PathClasses } from './path-class.ts';
import type { AttrTable } from './tables/attr-table.ts';
import { DirtySet } from './tables/ids/dirty-set.ts';
import { PathSiblings } from './tables/path-siblings.ts';
import { PathTable } from './tables/path-table.ts';
import type { PeerRanks } from './tables/peer-ranks.ts';
import { PrefixOrder } from './tables/prefix-order.ts';
import { PrefixTable } from './tables/prefix-table.ts';
import type { Because } from './work/because.ts';

export interface TableOptions {
  readonly decision: DecisionOptions;
  /** A prefix with more paths than this is a crowd [24]; tests have shorter chains. */
  readonly longestChain?: number;
}

/** The columns of one family, and the decision when a prefix may be freed. */
export class FamilyTables {
  readonly family: Family;
  readonly prefixes: PrefixTable;
  readonly paths: PathTable;
  readonly siblings: PathSiblings;
  readonly dirty: DirtySet;
  /** As `dirty`, for clients that take every path; filled only while there are such clients. */
  readonly dirtyPaths: DirtySet;
  readonly sentPaths = new SentPaths();
  readonly classes: PathClasses;
  readonly decision: Decision;
  readonly locRib: LocRib;
  readonly adjRibOut: AdjRibOut;
  readonly order: PrefixOrder;
  readonly because: Because;

  constructor(
    family: Family,
    seed: number,
    { attrs, ranks, because }: { attrs: AttrTable; ranks: PeerRanks; because: Because },
    { decision, longestChain }: TableOptions,
  ) {
    this.family = family;
    this.because = because;
    this.prefixes = new PrefixTable(family, seed);
    this.dirty = new DirtySet(this.prefixes);
    this.dirtyPaths = new DirtySet(this.prefixes);
    this.paths = new PathTable(seed, longestChain);
    this.siblings = new PathSiblings(this.paths);
    this.classes = new PathClasses(this.paths, attrs, ranks, this.prefixes);
    const { paths, classes } = this;
    const parts = { paths, attrs, peers: ranks, classes, options: decision };
    this.decision = new Decision(parts, seed);
    this.locRib = new LocRib(this.paths, this.decision, this.dirty);
    this.adjRibOut = new AdjRibOut();
    this.order = new PrefixOrder(this.prefixes);
  }

  /**
   * Frees the prefix once no path has it, no client was sent it and no change of it is waiting. One delivery may
   * contain a prefix twice, as a change and as part of a pass over the table; the second time it is already free.
   */
  releaseIfUnused(prefix: PrefixId): void {
    if (!this.prefixes.has(prefix)) return;
    if (this.paths.first(prefix) !== none || this.adjRibOut.share(prefix) !== none) return;
    if (this.dirty.has(prefix) || this.adjRibOut.isAwaited(prefix)) return;
    if (this.dirtyPaths.has(prefix)) return;
    this.prefixes.remove(prefix);
  }

  /** Frees an unlinked path: at once, or when it has been withdrawn from the clients that hold it. */
  endPath(path: PathId, prefix: PrefixId): void {
    if (this.sentPaths.retire(path, prefix)) {
      this.dirtyPaths.add(prefix);
      this.paths.vacate(path);
    } else this.paths.free(path);
    this.releaseIfUnused(prefix);
  }

  get bytes(): number {
    return this.prefixes.bytes + this.paths.bytes + this.locRib.bytes + this.adjRibOut.bytes;
  }
}
