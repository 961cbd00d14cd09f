import type {
  OriginState,
  PathState,
  Role,
  RouteValidator,
  ValidationChange,
} from '#policy/policy.ts';
import { families } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { AsPathSegment } from '#wire/path-attributes.ts';
import { type AspaTable, differingCustomers, verifyPath } from './aspa.ts';
import { ClassifiedVrps, OriginClasses, uncovered } from './origin-classes.ts';
import type { Vrp } from './pdu.ts';
import { VrpColumns } from './vrp-columns.ts';
import { VrpIndex } from './vrp-index.ts';
import { differingVrps, mergeVrps } from './vrp-merge.ts';

/** What a cache has said from a query to the end of its data. */
export interface ReceivedData {
  /** All that there is; otherwise changes to what it said before. */
  readonly isWhole: boolean;
  /** By `Family`. */
  readonly vrps: readonly VrpColumns[];
  /** By customer; no providers: withdrawn. */
  readonly aspas: ReadonlyMap<number, readonly number[]>;
}

/** A state of the data that is ready to be put in the place of the present one. */
export interface NextData {
  readonly vrps: readonly ClassifiedVrps[];
  readonly aspas: AspaTable;
  readonly change: ValidationChange;
  /** VRPs that are there now or were before, but not both. */
  readonly changes: number;
  /** Whether classes have been numbered anew, so that nothing remembered by them is true any more. */
  readonly isRenumbered: boolean;
}

/**
 * The validated data that routes are judged by. It changes as a whole: `prepare` makes the next state in
 * steps, beside the present one, and `install` puts it in its place at once.
 */
export class RpkiData implements RouteValidator {
  private vrps: readonly ClassifiedVrps[];
  private aspas: AspaTable = new Map();
  private classes = new OriginClasses();
  renumberings = 0;
  private readonly spareClasses: number;

  /** `spareClasses`: those that no VRP asks for any more are dropped when there are so many more than VRPs. */
  constructor(spareClasses = 100_000) {
    this.spareClasses = spareClasses;
    this.vrps = emptyVrps(this.classes);
  }

  get vrpCount(): number {
    return this.vrps.reduce((sum, { index }) => sum + index.columns.count, 0);
  }

  /** Of the VRPs; the classes that were asked for come on top. */
  get bytes(): number {
    return this.vrps.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get aspaCount(): number {
    return this.aspas.size;
  }

  /** VRPs of one family. */
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

  /** The VRPs that cover the prefix, the longest first: what its state comes from. */
  covering(prefix: Prefix): Vrp[] {
    return this.vrps[prefix.family].index.covering(prefix);
  }

  /** What the data becomes by what a cache said. Throws an RtrError where that contradicts itself. */
  *prepare(received: ReceivedData, describe: (vrp: Vrp) => string): Generator<void, NextData> {
    const merged: VrpColumns[] = [];
    for (const { family } of families) {
      const { columns } = this.vrps[family].index;
      const base = received.isWhole ? new VrpColumns(family, 0) : columns;
      merged.push(yield* mergeVrps(base, received.vrps[family], describe));
    }
    return yield* this.prepared(merged, aspasAfter(this.aspas, received));
  }

  /** Nothing is known any more. */
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

/** `differing`: by `Family`. */
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
