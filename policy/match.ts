import { asPathLength as lengthOf } from '#wire/as-path.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { originAs } from './as-path.ts';
import {
  communityTest,
  extCommunityTest,
  largeCommunityTest,
  type ValueTest,
} from './communities.ts';
import type { Role } from './otc.ts';
import {
  type CommunityPattern,
  type ExtCommunityPattern,
  isAddressIn,
  type NumberRange,
  type PrefixPattern,
  rangeTest,
} from './patterns.ts';
import type { OriginState, PathState } from './validation.ts';

/** The keys are ANDed and the values of a key are ORed; an absent key matches every route. */
export interface Match {
  /** There may be very many patterns. */
  readonly prefix?: Iterable<PrefixPattern>;
  readonly nextHop?: readonly PrefixPattern[];
  /** The names of peers; matches if the path came from one of them. */
  readonly peer?: readonly string[];
  readonly peerAs?: readonly number[];
  /** Ranges of AS numbers. */
  readonly asPath?: readonly NumberRange[];
  readonly originAs?: readonly NumberRange[];
  readonly asPathLength?: readonly NumberRange[];
  readonly med?: readonly NumberRange[];
  readonly community?: readonly CommunityPattern[];
  readonly largeCommunity?: readonly CommunityPattern[];
  readonly extCommunity?: readonly ExtCommunityPattern[];
  readonly rpki?: readonly OriginState[];
  readonly aspa?: readonly PathState[];
}

/** The peer that a route came from. */
export interface Source {
  readonly peer: string;
  readonly peerAs: number;
  /** Our role toward the peer. */
  readonly role?: Role;
}

/** The result of validating a route. */
export interface Validity {
  readonly origin: OriginState;
  readonly path: PathState;
}

/**
 * Compiles all keys of a match except `prefix`, which the class of the prefix answers. The keys are ANDed. With a policy
 * for each of 300 clients, closures made for each route would be half of all garbage, so tests are loops.
 */
export function compileMatch(match: Match): RouteTest {
  const active = testedKeys.flatMap((key) => testOf<Tested, keyof Tested>(match, compilers, key));
  return (route, source, validity) => {
    for (const test of active) if (!test(route, source, validity)) return false;
    return true;
  };
}

export type RouteTest = (route: PathAttributes, source: Source, validity: Validity) => boolean;

type Tested = Omit<Match, 'prefix'>;

/** One compiler for each key, whose values are ORed. */
type KeyCompilers<Keys extends object> = {
  readonly [Key in keyof Keys]-?: (values: NonNullable<Keys[Key]>) => RouteTest;
};

/** There is a row for every key, because a key without one would match every route. */
const compilers: KeyCompilers<Tested> = {
  nextHop: (patterns) => (route) => isAddressIn(route.nextHop, patterns),
  peer: (names) => (_, source) => names.includes(source.peer),
  peerAs: (asns) => (_, source) => asns.includes(source.peerAs),
  asPath: (ranges) => {
    const isWanted = rangeTest(ranges);
    return (route) => route.asPath.some((segment) => segment.asns.some(isWanted));
  },
  originAs: (ranges) => {
    const isWanted = rangeTest(ranges);
    return (route) => {
      const origin = originAs(route.asPath);
      return origin !== undefined && isWanted(origin);
    };
  },
  asPathLength: (ranges) => {
    const isWanted = rangeTest(ranges);
    return (route) => isWanted(lengthOf(route.asPath));
  },
  med: (ranges) => {
    const isWanted = rangeTest(ranges);
    // A missing MED counts as 0, as it does in the decision (RFC 4271 §9.1.2.2 c).
    return (route) => isWanted(route.med ?? 0);
  },
  community: (patterns) => {
    const tests = patterns.map(communityTest);
    return (route) => isAny(route.communities, tests);
  },
  largeCommunity: (patterns) => {
    const tests = patterns.map(largeCommunityTest);
    return (route) => isAny(route.largeCommunities, tests);
  },
  extCommunity: (patterns) => {
    const tests = patterns.map(extCommunityTest);
    return (route) => isAny(route.extCommunities, tests);
  },
  rpki:
    (states) =>
    (_, __, { origin }) =>
      states.includes(origin),
  aspa:
    (states) =>
    (_, __, { path }) =>
      states.includes(path),
};

/** Returns whether any of the values passes any of the tests. */
function isAny<Value>(values: readonly Value[], tests: readonly ValueTest<Value>[]): boolean {
  for (const test of tests) {
    for (let at = 0; at < values.length; at++) if (test(values[at])) return true;
  }
  return false;
}

const testedKeys = Object.keys(compilers) as (keyof Tested)[];

/** Returns the test of one key; none if the match does not have it. */
function testOf<Keys extends object, Key extends keyof Keys>(
  match: Keys,
  rows: KeyCompilers<Keys>,
  key: Key,
): RouteTest[] {
  const values = match[key];
  return values === undefined || values === null ? [] : [rows[key](values)];
}
