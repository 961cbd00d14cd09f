import type { PathId } from '#policy/ids.ts';
import type { PathClasses } from './path-class.ts';
import type { AttrTable } from './tables/attr-table.ts';
import type { PathTable } from './tables/path-table.ts';
import type { PeerRanks } from './tables/peer-ranks.ts';

export interface DecisionOptions {
  /** Whether MED is compared among the paths of one neighbour AS (RFC 4271) or of all. */
  readonly med: 'same_as' | 'always';
  readonly tieBreak: 'router_id' | 'oldest';
}

export function sameDecision(a: DecisionOptions, b: DecisionOptions): boolean {
  return a.med === b.med && a.tieBreak === b.tieBreak;
}

/** What the steps read. */
export interface DecisionTables {
  readonly paths: PathTable;
  readonly attrs: AttrTable;
  readonly peers: PeerRanks;
  readonly classes: PathClasses;
  readonly options: DecisionOptions;
}

interface Step {
  /** As `explain` prints it. */
  readonly name: string;
  /** The value by which an accepted path is judged: an integer, the lower one wins. */
  readonly value: (tables: DecisionTables, path: PathId) => number;
}

/**
 * The steps of RFC 4271 §9.1.2.2 as this server applies them, in order; the comments give the RFC's letters. A step is
 * a row here and a term of `Decision.compare`, which reads several of them at once.
 */
export const steps = [
  // RFC 8326 §4 and RFC 9494 §4.3 require this before anything else; the health of a service's nodes is compared here
  // too.
  { name: 'class', value: pathClass },
  // §9.1.1: the degree of preference.
  { name: 'local_pref', value: ({ paths, attrs }, path) => -attrs.localPref(paths.accepted(path)) },
  // a)
  {
    name: 'as_path_length',
    value: ({ paths, attrs }, path) => attrs.asPathLength(paths.accepted(path)),
  },
  // b)
  { name: 'origin', value: ({ paths, attrs }, path) => attrs.origin(paths.accepted(path)) },
  // c)
  { name: 'med', value: ({ paths, attrs }, path) => attrs.med(paths.accepted(path)) },
  // RFC 5004, which replaces f) if it is configured. There is no d) and e), because all peers are external.
  { name: 'oldest', value: age },
  // f)
  { name: 'router_id', value: ({ paths, peers }, path) => peers.routerId(paths.peer(path)) },
  // g)
  { name: 'peer_address', value: ({ paths, peers }, path) => peers.addressRank(paths.peer(path)) },
  // RFC 7911: two paths of one peer.
  { name: 'path_id', value: ({ paths }, path) => paths.pathId(path) },
] as const satisfies readonly Step[];

export type StepName = (typeof steps)[number]['name'];

/** The step that compares only paths of one neighbour AS, where `med` is `same_as`. */
export const medStep = steps.findIndex(({ name }) => name === 'med');

/**
 * Returns the index in `pathClasses` for an address of a service; elsewhere 1 for a drained path and 2 for a long-lived
 * stale one.
 */
export function pathClass({ classes }: DecisionTables, path: PathId): number {
  return classes.of(path);
}

/** Returns when the path was received; 0 unless that breaks ties. */
export function age({ paths, options }: DecisionTables, path: PathId): number {
  return options.tieBreak === 'oldest' ? paths.receivedAt(path) : 0;
}
