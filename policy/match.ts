import { asPathLength as lengthOf } from '#wire/as-path.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { hasAs, originAs } from './as-path.ts';
import { matchesCommunity, matchesExtCommunity, matchesLargeCommunity } from './communities.ts';
import type { Role } from './otc.ts';
import {
  type CommunityPattern,
  type ExtCommunityPattern,
  isAddressIn,
  type NumberRange,
  type PrefixPattern,
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
  readonly asPath?: readonly number[];
  readonly originAs?: readonly number[];
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

/** Compiles all keys of a match except `prefix`, which the class of the prefix answers. The keys are ANDed. */
export function compileMatch(match: Match): RouteTest {
  const active = testedKeys.filter((key) => match[key] !== undefined).map((key) => keyTests[key]);
  return (route, source, validity) => active.every((test) => test(match, route, source, validity));
}

export type RouteTest = (route: PathAttributes, source: Source, validity: Validity) => boolean;

/** Called only if the match has the key. The values of a key are ORed. */
type KeyTest = (match: Match, route: PathAttributes, source: Source, validity: Validity) => boolean;

type TestedKey = Exclude<keyof Match, 'prefix'>;

/** There is a row for every key, because a key without one would match every route. */
const keyTests: { readonly [Key in TestedKey]-?: KeyTest } = {
  nextHop: ({ nextHop = [] }, route) => isAddressIn(route.nextHop, nextHop),
  peer: ({ peer = [] }, _, source) => peer.includes(source.peer),
  peerAs: ({ peerAs = [] }, _, source) => peerAs.includes(source.peerAs),
  asPath: ({ asPath = [] }, route) => asPath.some((asn) => hasAs(route.asPath, asn)),
  originAs: ({ originAs: wanted = [] }, route) => {
    const origin = originAs(route.asPath);
    return origin !== undefined && wanted.includes(origin);
  },
  asPathLength: ({ asPathLength = [] }, route) => isInRange(lengthOf(route.asPath), asPathLength),
  // A missing MED counts as 0, as it does in the decision (RFC 4271 §9.1.2.2 c).
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
  rpki: ({ rpki = [] }, _, __, { origin }) => rpki.includes(origin),
  aspa: ({ aspa = [] }, _, __, { path }) => aspa.includes(path),
};

const testedKeys = Object.keys(keyTests) as TestedKey[];

function isInRange(value: number, ranges: readonly NumberRange[]): boolean {
  return ranges.some(({ min, max }) => min <= value && value <= max);
}
