import type { PathAttributes } from '../src/wire/path-attributes.ts';
import type { Match, NumberRange } from './policy.ts';
import { hasAs, originAs, pathLength } from './as-path.ts';
import { matchesCommunity, matchesExtCommunity, matchesLargeCommunity } from './communities.ts';
import { isAddressIn } from './hygiene.ts';

/** Where a route came from. */
export interface Source {
  readonly peer: string;
  readonly peerAs: number;
}

/**
 * Whether a key that is set lets the route through; the values of one key are ORed. `prefix` is not
 * here: it is answered by the class of the prefix.
 */
type Test = (match: Match, route: PathAttributes, source: Source) => boolean;

const tests: Readonly<Record<Exclude<keyof Match, 'prefix'>, Test>> = {
  nextHop: ({ nextHop = [] }, route) => isAddressIn(route.nextHop, nextHop),
  peer: ({ peer = [] }, _, source) => peer.includes(source.peer),
  peerAs: ({ peerAs = [] }, _, source) => peerAs.includes(source.peerAs),
  asPath: ({ asPath = [] }, route) => asPath.some((asn) => hasAs(route.asPath, asn)),
  originAs: ({ originAs: wanted = [] }, route) => {
    const origin = originAs(route.asPath);
    return origin !== undefined && wanted.includes(origin);
  },
  asPathLength: ({ asPathLength = [] }, route) => isInRange(pathLength(route.asPath), asPathLength),
  // A missing MED counts as 0, as in the decision (RFC 4271 §9.1.2.2 c).
  med: ({ med = [] }, route) => isInRange(route.med ?? 0, med),
  community: ({ community = [] }, route) =>
    community.some((pattern) => route.communities.some((it) => matchesCommunity(it, pattern))),
  largeCommunity: ({ largeCommunity = [] }, route) =>
    largeCommunity.some((pattern) =>
      route.largeCommunities.some((it) => matchesLargeCommunity(it, pattern)),
    ),
  extCommunity: ({ extCommunity = [] }, route) =>
    extCommunity.some((pattern) =>
      route.extCommunities.some((it) => matchesExtCommunity(it, pattern)),
    ),
  // RFC 6811 §2: without a table of VRPs every route is NotFound.
  rpki: ({ rpki = [] }) => rpki.includes('not_found'),
};

/** Compiles all keys of a match but `prefix`; the keys are ANDed. */
export function compileMatch(match: Match): (route: PathAttributes, source: Source) => boolean {
  const active = Object.entries(tests)
    .filter(([key]) => Object.entries(match).some(([name, value]) => name === key && value))
    .map(([, test]) => test);
  return (route, source) => active.every((test) => test(match, route, source));
}

function isInRange(value: number, ranges: readonly NumberRange[]): boolean {
  return ranges.some(({ min, max }) => min <= value && value <= max);
}
