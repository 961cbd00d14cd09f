import type { SiblingStateView } from '#api/views/coherence.ts';
import { type CoherenceState, coherenceStates, worstOf } from '#services/coherence.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { OurRoute } from './address-comparison.ts';

/** An address that is not the same everywhere. */
export interface Item {
  readonly prefix: Prefix;
  readonly ours: OurRoute | undefined;
  readonly siblings: readonly SiblingState[];
}

export interface SiblingState {
  readonly view: SiblingStateView;
  /** Since when it is in this state, by the monotonic clock. */
  readonly sinceMs: number;
}

/** The differing addresses of one sibling, counted. */
export interface Tally {
  readonly counts: Partial<Record<CoherenceState, number>>;
  /** Addresses for which the sibling offers another next hop, or none. */
  readonly disagreeing: Set<string>;
  /** The first address in each state, and why it is in it. */
  readonly examples: Map<CoherenceState, string>;
}

type Items = Iterable<readonly [prefix: string, item: Item]>;

/** How many addresses are examined before the daemon may do other work. */
const stepItems = 64;

/** Counts the addresses of each of these siblings that have been in their states for long enough. */
export function* tally(
  items: Items,
  names: readonly string[],
  isSettled: (sinceMs: number) => boolean,
): Generator<void, ReadonlyMap<string, Tally>> {
  const tallies = new Map(names.map((name) => [name, emptyTally()]));
  let looked = 0;
  for (const [prefix, { siblings }] of items) {
    for (const { view, sinceMs } of siblings) {
      const own = tallies.get(view.peer);
      if (own !== undefined && isSettled(sinceMs)) add(own, prefix, view);
    }
    if (++looked % stepItems === 0) yield;
  }
  return tallies;
}

/** Yields the first ones, up to the given number, those in the worst states first. */
export function* mostUrgent(
  items: Items,
  limit: number,
): Generator<void, (readonly [prefix: string, item: Item])[]> {
  const byState = coherenceStates.map((): (readonly [string, Item])[] => []);
  let looked = 0;
  for (const row of items) {
    const state = worstOf(row[1].siblings.map(({ view }) => view.state));
    const rows = byState[coherenceStates.indexOf(state)];
    if (rows.length < limit) rows.push(row);
    if (++looked % stepItems === 0) yield;
  }
  return byState.flat().slice(0, limit);
}

export function isDisagreement(state: CoherenceState): boolean {
  return state !== 'same' && state !== 'unknown';
}

function emptyTally(): Tally {
  return { counts: {}, disagreeing: new Set(), examples: new Map() };
}

function add(
  { counts, disagreeing, examples }: Tally,
  prefix: string,
  view: SiblingStateView,
): void {
  const { state, why = '' } = view;
  counts[state] = (counts[state] ?? 0) + 1;
  if (isDisagreement(state)) disagreeing.add(prefix);
  if (!examples.has(state)) examples.set(state, `${prefix}: ${why}`);
}
