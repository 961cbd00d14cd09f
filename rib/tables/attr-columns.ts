import type { BlockFacts } from '#wire/block-scan.ts';
import { widen } from './columns.ts';

/** LOCAL_PREF of a path to which no import rule gave one. */
export const defaultLocalPref = 100;

/** Properties of a set, one bit each. */
export const SetFlag = {
  hasMed: 1,
  hasLocalPref: 2,
  malformed: 4,
  erroneous: 8,
  gracefulShutdown: 16,
  longLivedStale: 32,
  hasAsSet: 64,
  nonTransitive: 128,
} as const;

/** One unit of LOCAL_PREF in `merits`: above every AS_PATH length (16 bits) and ORIGIN (2 bits). */
const localPrefUnit = 2 ** 18;

/** What decision and checks read of attribute sets, by AttrsId: 17 bytes per set. */
export class AttrColumns {
  private flags: Uint8Array;
  private meds: Uint32Array;
  private neighbours: Uint32Array;
  /** LOCAL_PREF, AS_PATH length and ORIGIN in one number; the lower the better. */
  private merits: Float64Array;
  /** Whether there has ever been a set that puts its paths into a lower class. */
  hasDemoting = false;

  constructor(capacity: number) {
    this.flags = new Uint8Array(capacity);
    this.meds = new Uint32Array(capacity);
    this.neighbours = new Uint32Array(capacity);
    this.merits = new Float64Array(capacity);
  }

  /** `flags` are those that do not follow from the facts. */
  set(id: number, facts: BlockFacts, localPref: number, flags: number): void {
    this.meds[id] = facts.med;
    this.neighbours[id] = facts.firstAs;
    this.merits[id] = -localPref * localPrefUnit + facts.asPathLength * 4 + facts.origin;
    this.flags[id] = flags | flagsOf(facts);
    if (facts.isGracefulShutdown || facts.isLongLivedStale) this.hasDemoting = true;
  }

  has(id: number, flag: number): boolean {
    return (this.flags[id] & flag) !== 0;
  }

  med(id: number): number {
    return this.meds[id];
  }

  neighbourAs(id: number): number {
    return this.neighbours[id];
  }

  merit(id: number): number {
    return this.merits[id];
  }

  localPref(id: number): number {
    return 0 - Math.floor(this.merits[id] / localPrefUnit);
  }

  asPathLength(id: number): number {
    return this.belowLocalPref(id) >> 2;
  }

  origin(id: number): number {
    return this.belowLocalPref(id) & 3;
  }

  grow(capacity: number): void {
    this.flags = widen(this.flags, capacity);
    this.meds = widen(this.meds, capacity);
    this.neighbours = widen(this.neighbours, capacity);
    this.merits = widen(this.merits, capacity);
  }

  private belowLocalPref(id: number): number {
    return this.merits[id] + this.localPref(id) * localPrefUnit;
  }
}

function flagsOf(facts: BlockFacts): number {
  return (
    (facts.hasMed ? SetFlag.hasMed : 0) |
    (facts.hasAsSet ? SetFlag.hasAsSet : 0) |
    (facts.isGracefulShutdown ? SetFlag.gracefulShutdown : 0) |
    (facts.isLongLivedStale ? SetFlag.longLivedStale : 0) |
    (facts.hasNonTransitive ? SetFlag.nonTransitive : 0)
  );
}
