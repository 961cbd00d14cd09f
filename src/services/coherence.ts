/**
 * Compares what another route server and this one have for an address. Pure: both best routes and what is known here go
 * in, a word and a reason come out. It never says who is wrong without evidence.
 */

/** Worst first; the first state that applies is the state. */
export const coherenceStates = [
  'stale_wins',
  'only_they_hear_it',
  'different',
  'missing_here',
  'missing_there',
  'tie',
  'unknown',
  'same',
] as const;
export type CoherenceState = (typeof coherenceStates)[number];

/** A best route, in the terms in which routers compare it. */
export interface ComparedRoute {
  readonly nextHop: string;
  readonly med: number;
  readonly asPathLength: number;
  readonly origin: number;
  readonly neighbourAs: number;
}

/** How the session ended that announced their next hop to us, if it is down. */
export type LossEvidence =
  /** Hold timer or BFD: silence, which the path in between may have caused. */
  | { readonly kind: 'silence'; readonly text: string }
  /** FIN, RST, a NOTIFICATION or a probe: the node itself is gone. */
  | { readonly kind: 'gone'; readonly text: string };

export interface ComparedAddress {
  readonly ours?: ComparedRoute;
  /** Why nothing is certain about the sibling; absent: its best route is known. */
  readonly unknown?: string;
  readonly theirs?: ComparedRoute;
  /** About the node that their next hop leads to; absent: its session is up, or no such node is known. */
  readonly lost?: LossEvidence;
  /** How this server judges a path with their next hop, if it has one that is not best: `it is drained here`. */
  readonly theirsHere?: string;
}

export interface Comparison {
  readonly state: CoherenceState;
  readonly why?: string;
}

/** Compares one address with one sibling. */
export function compareAddress(address: ComparedAddress): Comparison {
  const { ours, unknown, theirs, lost } = address;
  if (unknown !== undefined) return { state: 'unknown', why: unknown };
  if (theirs === undefined) {
    return ours === undefined
      ? { state: 'same' }
      : { state: 'missing_there', why: `it offers nothing; ours is ${routeText(ours)}` };
  }
  if (lost?.kind === 'gone')
    return { state: 'stale_wins', why: `it offers ${theirs.nextHop}, but ${lost.text}` };
  if (lost?.kind === 'silence') {
    const why = `it offers ${theirs.nextHop}, but ${lost.text}; which of the two is right cannot be known here`;
    return { state: 'only_they_hear_it', why };
  }
  if (ours === undefined) {
    const here = address.theirsHere ?? 'no peer announces it here';
    return { state: 'missing_here', why: `it offers ${routeText(theirs)}; ${here}` };
  }
  return compareRoutes(ours, theirs, address.theirsHere);
}

function compareRoutes(
  ours: ComparedRoute,
  theirs: ComparedRoute,
  theirsHere: string | undefined,
): Comparison {
  const difference = preference(ours, theirs);
  if (ours.nextHop === theirs.nextHop) {
    if (ours.med === theirs.med) return { state: 'same' };
    const why = `the same node, but MED ${ours.med} here and ${theirs.med} there: one of the two is behind`;
    return { state: 'different', why };
  }
  const both = `${routeText(ours)} here, ${routeText(theirs)} there`;
  if (difference === undefined) {
    return {
      state: 'different',
      why: `${both}; MEDs of different neighbour ASes are not compared everywhere`,
    };
  }
  if (difference === 0) {
    return {
      state: 'tie',
      why: `${both}: equal up to MED, so that each may choose (router id, oldest path)`,
    };
  }
  return { state: 'different', why: `${both}; ${reasonFor(difference, theirsHere)}` };
}

/** Uses what is known about the other server's rules and about our own paths. */
function reasonFor(difference: number, theirsHere: string | undefined): string {
  if (theirsHere !== undefined) return theirsHere;
  if (difference > 0) return 'theirs would win here: this server does not have that path';
  return 'ours would win here: it lacks our path, or compares IGP metrics or the age of paths first';
}

/** Returns a value below 0 if ours wins by RFC 4271 §9.1.2.2 a to c; `undefined` if their MEDs cannot be compared. */
function preference(ours: ComparedRoute, theirs: ComparedRoute): number | undefined {
  const before = ours.asPathLength - theirs.asPathLength || ours.origin - theirs.origin;
  if (before !== 0) return before;
  return ours.neighbourAs === theirs.neighbourAs ? ours.med - theirs.med : undefined;
}

function routeText({ nextHop, med }: ComparedRoute): string {
  return `${nextHop} with MED ${med}`;
}

/** Returns the state of an address over all siblings: the worst. */
export function worstOf(states: readonly CoherenceState[]): CoherenceState {
  return coherenceStates.find((state) => states.includes(state)) ?? 'same';
}
