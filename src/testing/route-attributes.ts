import { originNames } from '#api/names.ts';
import type { PeerConfig } from '#config/config.ts';
import { formatAddress, parseAddress } from '#text/address.ts';
import {
  formatCommunity,
  formatExtCommunity,
  formatLargeCommunity,
  parseCommunityPattern,
  parseExtCommunity,
  parseLargeCommunityPattern,
} from '#text/community.ts';
import { formatPrefix } from '#text/prefix.ts';
import { TextError } from '#text/text-error.ts';
import { standardCommunity } from '#wire/communities.ts';
import type { Prefix } from '#wire/nlri.ts';
import { writeU16, writeU32 } from '#wire/octets.ts';
import type { AsPathSegment, Origin, PathAttributes } from '#wire/path-attributes.ts';
import { mapped, parsedAt, parsedList, type Scope } from '#yaml/scope.ts';
import { peerAsOf } from './offline/offline-peer.ts';
import type { SentSource, StepSource } from './schema.ts';

type Attributes = Pick<
  StepSource,
  'next_hop' | 'origin' | 'communities' | 'large_communities' | 'ext_communities'
>;
type AsPathSource = NonNullable<StepSource['as_path']>;

/**
 * Returns the attributes that a peer announces: by default only its AS, its own address as the next hop, and
 * ORIGIN IGP. Returns `undefined` after an error.
 */
export function routeAttributes(
  scope: Scope,
  source: StepSource,
  peer: PeerConfig,
  prefixes: readonly Prefix[],
): PathAttributes | undefined {
  const nextHop = nextHopOf(scope, source, peer, prefixes);
  if (nextHop === undefined) return undefined;
  const { communities, largeCommunities, extCommunities } = communitiesOf(scope, source);
  return {
    origin: originNames.indexOf(source.origin ?? 'igp') as Origin,
    asPath: asPathOf(source.as_path ?? [peerAsOf(peer)]),
    nextHop,
    ...(source.med !== undefined && { med: source.med }),
    atomicAggregate: false,
    communities,
    largeCommunities,
    extCommunities,
    ipv6ExtCommunities: [],
    unknown: [],
  };
}

/** Returns what is expected of a route that is sent, with the names and the spelling of the API. */
export function shownAttributes(scope: Scope, source: SentSource): Record<string, unknown> {
  const { communities, largeCommunities, extCommunities } = communitiesOf(scope, source);
  const has = (key: keyof SentSource): boolean => source[key] !== undefined;
  return {
    ...(has('next_hop') && {
      next_hop: mapped(addressOf(scope, source), (it) => formatAddress(it)),
    }),
    ...(has('as_path') && { as_path: source.as_path }),
    ...(has('origin') && { origin: source.origin }),
    ...(has('med') && { med: source.med === 'none' ? undefined : source.med }),
    ...(has('communities') && { communities: communities.map(formatCommunity) }),
    ...(has('large_communities') && {
      large_communities: largeCommunities.map(formatLargeCommunity),
    }),
    ...(has('ext_communities') && { ext_communities: extCommunities.map(formatExtCommunity) }),
  };
}

function nextHopOf(
  scope: Scope,
  source: StepSource,
  { name, address, addressText }: PeerConfig,
  prefixes: readonly Prefix[],
): Uint8Array | undefined {
  if (source.next_hop !== undefined) return addressOf(scope, source);
  const other = prefixes.find(({ family }) => family === 1 && address.length === 4);
  if (other === undefined) return address;
  scope.problems.add(
    scope.places.ofKey(source, 'announce'),
    `announce: next_hop is missing; the address of ${name}, ${addressText}, cannot be a next hop for ${formatPrefix(other)}`,
  );
  return undefined;
}

function addressOf(scope: Scope, source: Attributes): Uint8Array | undefined {
  const { next_hop: text = '' } = source;
  const place = scope.places.ofValue(source, 'next_hop');
  return parsedAt(scope, place, 'next_hop', () => parseAddress(text));
}

function communitiesOf(scope: Scope, source: Attributes) {
  const list = <Value>(key: keyof Attributes, parse: (text: string) => Value): Value[] => {
    const value = source[key];
    return value === undefined ? [] : parsedList(scope, source, key, value, parse);
  };
  return {
    communities: list('communities', (text) => {
      const [high, low] = whole(text, parseCommunityPattern(text));
      return standardCommunity(high, low);
    }),
    largeCommunities: list('large_communities', (text): [number, number, number] => {
      const [global, first, second] = whole(text, parseLargeCommunityPattern(text));
      return [global, first, second];
    }),
    extCommunities: list('ext_communities', extCommunityOctets),
  };
}

function extCommunityOctets(text: string): Uint8Array {
  const { type, subtype, value } = parseExtCommunity(text);
  const [administrator, number] = whole(text, value);
  const octets = Uint8Array.of(type, subtype, 0, 0, 0, 0, 0, 0);
  if (type === 0x01 || type === 0x02) {
    writeU32(octets, 2, administrator);
    writeU16(octets, 6, number);
  } else {
    writeU16(octets, 2, administrator);
    writeU32(octets, 4, number);
  }
  return octets;
}

/** A pattern with `*` stands for many communities, but a route carries each one by itself. */
function whole(text: string, parts: readonly (number | undefined)[]): number[] {
  return parts.map((part) => {
    if (part === undefined)
      throw new TextError('bad_community', `${text}: expected one community, without *`);
    return part;
  });
}

function asPathOf(path: AsPathSource): AsPathSegment[] {
  const segments: { kind: 'sequence' | 'set'; asns: number[] }[] = [];
  for (const item of path) {
    const last = segments.at(-1);
    if (Array.isArray(item)) segments.push({ kind: 'set', asns: item });
    else if (last?.kind === 'sequence') last.asns.push(item);
    else segments.push({ kind: 'sequence', asns: [item] });
  }
  return segments;
}
