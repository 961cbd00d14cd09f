import type { Role } from '#policy/otc.ts';
import type {
  OriginState,
  PathState,
  RouteValidator,
  ValidationChange,
} from '#policy/validation.ts';
import { families } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { AsPathSegment } from '#wire/path-attributes.ts';
import { type AspaTable, differingCustomers, verifyPath } from './aspa.ts';
import { ClassifiedVrps, OriginClasses, uncovered } from './origin-classes.ts';
import type { Vrp } from './pdu.ts';
import { VrpColumns } from './vrp-columns.ts';
import { VrpIndex } from './vrp-index.ts';
import { differingVrps, mergeVrps } from './vrp-merge.ts';

/** What a cache has sent from a query to the end of its data. */
export interface ReceivedData {
  /** True: this is all of its data. False: these are changes to what it sent before. */
  readonly isWhole: boolean;
  /** By `Family`. */
  readonly vrps: readonly VrpColumns[];
  /** By customer; an empty list of providers means withdrawn. */
  readonly aspas: ReadonlyMap<number, readonly number[]>;
}

/** A state of the data that is ready to replace the present one. */
export interface NextData {
  readonly vrps: readonly ClassifiedVrps[];
  readonly aspas: AspaTable;
  readonly change: ValidationChange;
  /** The number of VRPs that are in only one of the two states. */
  readonly changes: number;
  /** Whether classes have been renumbered, so that nothing that is remembered by class is valid any more. */
  readonly isRenumbered: boolean;
}

/**
 * The validated data by which routes are judged. It changes as a whole: `prepare` builds the next state in steps beside
 * the present one, and `install` replaces that at once.
 */
export class RpkiData implements RouteValidator {
  private vrps: readonly ClassifiedVrps[];
  private aspas: AspaTable = new Map();
  private classes = new OriginClasses();
  renumberings = 0;
  private readonly spareClasses: number;

  /** Classes that no VRP uses any more are dropped when there are `spareClasses` more of them than VRPs. */
  constructor(spareClasses = 100_000) {
    this.spareClasses = spareClasses;
    this.vrps = emptyVrps(this.classes);
  }

  get vrpCount(): number {
    return this.vrps.reduce((sum, { index }) => sum + index.columns.count, 0);
  }

  /** The memory of the VRPs; classes that were looked up are not included. */
  get bytes(): number {
    return this.vrps.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get aspaCount(): number {
    return this.aspas.size;
  }

  /** Returns the number of VRPs of one family. */
  countOf(family: number): number {
    return this.vrps[family].index.columns.count;
  }

  originClass(prefix: Prefix): number {
    return this.vrps[prefix.family].classOf(prefix);
  }

  originState(originClass: number, originAs: number | undefined): OriginState {
    if (originClass === uncovered) return 'not_found';
    if (originAs === undefined) return 'invalid';
    return this.classes.originsOf(originClass).includes(originAs) ? 'valid' : 'invalid';
  }

  pathState(asPath: readonly AsPathSegment[], role: Role | undefined): PathState {
    return role === undefined ? 'unknown' : verifyPath(this.aspas, asPath, role);
  }

  /** Returns the VRPs that cover the prefix, the longest first; they determine its state. */
  covering(prefix: Prefix): Vrp[] {
    return this.vrps[prefix.family].index.covering(prefix);
  }

  /** Builds the state that follows from what a cache sent. Throws an RtrError if that contradicts itself. */
  *prepare(received: ReceivedData, describe: (vrp: Vrp) => string): Generator<void, NextData> {
    const merged: VrpColumns[] = [];
    for (const { family } of families) {
      const { columns } = this.vrps[family].index;
      const base = received.isWhole ? new VrpColumns(family, 0) : columns;
      merged.push(yield* mergeVrps(base, received.vrps[family], describe));
    }
    return yield* this.prepared(merged, aspasAfter(this.aspas, received));
  }

  /** Builds the state without any data. */
  *prepareEmpty(): Generator<void, NextData> {
    const nothing = families.map(({ family }) => new VrpColumns(family, 0));
    return yield* this.prepared(nothing, new Map());
  }

  install({ vrps, aspas, isRenumbered }: NextData): void {
    this.vrps = vrps;
    this.aspas = aspas;
    if (!isRenumbered) return;
    this.classes = vrps[0].classes;
    this.renumberings++;
  }

  private *prepared(columns: readonly VrpColumns[], aspas: AspaTable): Generator<void, NextData> {
    const count = columns.reduce((sum, it) => sum + it.count, 0);
    const isRenumbered = this.classes.size > count + this.spareClasses;
    const classes = isRenumbered ? new OriginClasses() : this.classes;
    const vrps: ClassifiedVrps[] = [];
    const differing: VrpIndex[] = [];
    for (const [family, young] of columns.entries()) {
      vrps.push(new ClassifiedVrps(yield* VrpIndex.of(young), classes));
      const changed = yield* differingVrps(this.vrps[family].index.columns, young);
      differing.push(yield* VrpIndex.of(changed));
    }
    const change = changeOf(differing, differingCustomers(this.aspas, aspas));
    const changes = differing.reduce((sum, index) => sum + index.columns.count, 0);
    return { vrps, aspas, change, changes, isRenumbered };
  }
}

function emptyVrps(classes: OriginClasses): ClassifiedVrps[] {
  return families.map(({ family }) => {
    const index = VrpIndex.of(new VrpColumns(family, 0)).next();
    if (index.done !== true) throw new RangeError('an empty index takes no steps');
    return new ClassifiedVrps(index.value, classes);
  });
}

function aspasAfter(before: AspaTable, { isWhole, aspas }: ReceivedData): AspaTable {
  const after = new Map(isWhole ? [] : before);
  for (const [customer, providers] of aspas) {
    if (providers.length === 0) after.delete(customer);
    else after.set(customer, providers);
  }
  return after;
}

/** `differing` is by `Family`. */
function changeOf(
  differing: readonly VrpIndex[],
  customers: ReadonlySet<number>,
): ValidationChange {
  return {
    changesOrigins: differing.some(({ columns }) => columns.count > 0),
    changesPaths: customers.size > 0,
    touchesPrefix: (prefix) => differing[prefix.family].longest(prefix) >= 0,
    touchesPath: (asPath) => asPath.some(({ asns }) => asns.some((asn) => customers.has(asn))),
  };
}
