import { asPathLength as lengthOf } from '#wire/as-path.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { hasAs, originAs } from './as-path.ts';
import { matchesCommunity, matchesExtCommunity, matchesLargeCommunity } from './communities.ts';
import { isAddressIn } from './hygiene.ts';
import type { Match, NumberRange, OriginState, PathState, Role } from './policy.ts';

/** Where a route came from. */
export interface Source {
  readonly peer: string;
  readonly peerAs: number;
  /** Ours toward the peer. */
  readonly role?: Role;
}

/** What validated data makes of a route. */
export interface Validity {
  readonly origin: OriginState;
  readonly path: PathState;
}

/** Compiles all keys of a match but `prefix`, which the class of the prefix answers; the keys are ANDed. */
export function compileMatch(match: Match): RouteTest {
  const active = keyTests.filter(({ key }) => match[key] !== undefined);
  return (route, source, validity) =>
    active.every(({ test }) => test(match, route, source, validity));
}

export type RouteTest = (route: PathAttributes, source: Source, validity: Validity) => boolean;

interface KeyTest {
  readonly key: keyof Match;
  /** Asked only when the key is there; its values are ORed. */
  readonly test: (
    match: Match,
    route: PathAttributes,
    source: Source,
    validity: Validity,
  ) => boolean;
}

const keyTests: readonly KeyTest[] = [
  { key: 'nextHop', test: ({ nextHop = [] }, route) => isAddressIn(route.nextHop, nextHop) },
  { key: 'peer', test: ({ peer = [] }, _, source) => peer.includes(source.peer) },
  { key: 'peerAs', test: ({ peerAs = [] }, _, source) => peerAs.includes(source.peerAs) },
  {
    key: 'asPath',
    test: ({ asPath = [] }, route) => asPath.some((asn) => hasAs(route.asPath, asn)),
  },
  {
    key: 'originAs',
    test: ({ originAs: wanted = [] }, route) => {
      const origin = originAs(route.asPath);
      return origin !== undefined && wanted.includes(origin);
    },
  },
  {
    key: 'asPathLength',
    test: ({ asPathLength = [] }, route) => isInRange(lengthOf(route.asPath), asPathLength),
  },
  // A missing MED counts as 0, as in the decision (RFC 4271 §9.1.2.2 c).
  { key: 'med', test: ({ med = [] }, route) => isInRange(route.med ?? 0, med) },
  {
    key: 'community',
    test: ({ community = [] }, route) =>
      community.some((pattern) => route.communities.some((it) => matchesCommunity(it, pattern))),
  },
  {
    key: 'largeCommunity',
    test: ({ largeCommunity = [] }, route) =>
      largeCommunity.some((pattern) =>
        route.largeCommunities.some((it) => matchesLargeCommunity(it, pattern)),
      ),
  },
  {
    key: 'extCommunity',
    test: ({ extCommunity = [] }, route) =>
      extCommunity.some((pattern) =>
        route.extCommunities.some((it) => matchesExtCommunity(it, pattern)),
      ),
  },
  { key: 'rpki', test: ({ rpki = [] }, _, __, { origin }) => rpki.includes(origin) },
  { key: 'aspa', test: ({ aspa = [] }, _, __, { path }) => aspa.includes(path) },
];

function isInRange(value: number, ranges: readonly NumberRange[]): boolean {
  return ranges.some(({ min, max }) => min <= value && value <= max);
}
