import { isNonTransitive, standardCommunity, wellKnownCommunities } from '#wire/communities.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import type { CommunityPattern, CommunityValue, ExtCommunityPattern } from './patterns.ts';

const notExported: ReadonlySet<number> = new Set([
  wellKnownCommunities.no_export,
  wellKnownCommunities.no_advertise,
  wellKnownCommunities.no_export_subconfed,
]);

/** Returns whether a community keeps the route from every eBGP peer (RFC 1997). */
export function forbidsExport(route: PathAttributes): boolean {
  return route.communities.some((community) => notExported.has(community));
}

/** Returns the route without non-transitive extended communities (RFC 4360 §6, RFC 5701 §2). */
export function withoutNonTransitive(route: PathAttributes): PathAttributes {
  const { extCommunities, ipv6ExtCommunities } = route;
  if (extCommunities.every(isTransitive) && ipv6ExtCommunities.every(isTransitive)) return route;
  return {
    ...route,
    extCommunities: extCommunities.filter(isTransitive),
    ipv6ExtCommunities: ipv6ExtCommunities.filter(isTransitive),
  };
}

function isTransitive([typeHigh]: Uint8Array): boolean {
  return !isNonTransitive(typeHigh);
}

/** Tests one value of a route. */
export type ValueTest<Value> = (value: Value) => boolean;

/** Compiles a pattern to a test of standard communities. */
export function communityTest([high, low]: CommunityPattern): ValueTest<number> {
  const mask = (high === undefined ? 0 : 0xffff0000) | (low === undefined ? 0 : 0xffff);
  const wanted = ((high ?? 0) << 16) | (low ?? 0);
  return (community) => (community & mask) === wanted;
}

/** Compiles a pattern to a test of large communities. */
export function largeCommunityTest(
  pattern: CommunityPattern,
): ValueTest<readonly [number, number, number]> {
  return (community) => matchesParts(community, pattern);
}

/** Compiles a pattern to a test of extended communities. */
export function extCommunityTest(pattern: ExtCommunityPattern): ValueTest<Uint8Array> {
  const { type, subtype, value } = pattern;
  return (community) => {
    if (community[0] !== type || community[1] !== subtype) return false;
    return matchesParts(extendedParts(community), value);
  };
}

/** Returns the route with the communities of a rule removed, and then those added that it does not have yet. */
export function rewriteCommunities(
  route: PathAttributes,
  removed: readonly CommunityValue[],
  added: readonly CommunityValue[],
): PathAttributes {
  let communities = route.communities;
  let largeCommunities = route.largeCommunities;
  for (const { kind, pattern } of removed) {
    if (kind === 'standard') {
      const isRemoved = communityTest(pattern);
      communities = communities.filter((community) => !isRemoved(community));
    } else {
      const isRemoved = largeCommunityTest(pattern);
      largeCommunities = largeCommunities.filter((community) => !isRemoved(community));
    }
  }
  for (const { kind, pattern } of added) {
    const [first = 0, second = 0, third = 0] = pattern;
    if (kind === 'standard') {
      if (communities.some(communityTest(pattern))) continue;
      communities = [...communities, standardCommunity(first, second)];
    } else if (!largeCommunities.some(largeCommunityTest(pattern))) {
      largeCommunities = [...largeCommunities, [first, second, third]];
    }
  }
  return { ...route, communities, largeCommunities };
}

function matchesParts(parts: readonly number[], pattern: CommunityPattern): boolean {
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] !== undefined && pattern[at] !== parts[at]) return false;
  }
  return true;
}

/**
 * Returns the parts of the value: 4 + 2 octets if it begins with an address or a 4-octet AS, otherwise 2 + 4 (RFC 4360
 * §3, RFC 5668 §2).
 */
function extendedParts(community: Uint8Array): readonly number[] {
  const view = new DataView(community.buffer, community.byteOffset, community.byteLength);
  if (community[0] === 0x01 || community[0] === 0x02) return [view.getUint32(2), view.getUint16(6)];
  return [view.getUint16(2), view.getUint32(4)];
}
