import { wellKnownCommunities } from '#wire/communities.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { firstAs, prepend } from './as-path.ts';
import { rewriteCommunities } from './communities.ts';
import type { CommunityValue } from './patterns.ts';

/** What a matching rule changes in the route. Communities are removed before others are added. */
export interface SetActions {
  readonly med?: { readonly kind: 'set' | 'add'; readonly value: number };
  readonly localPref?: number;
  readonly addCommunities?: readonly CommunityValue[];
  readonly removeCommunities?: readonly CommunityValue[];
  /** The AS numbers to prepend, the first one outermost; `first_as` is the route's own, or nothing if it has none. */
  readonly prepend?: readonly (number | 'first_as')[];
  /** The next hop, 4 or 16 bytes. It is not set on a route whose next hop is of the other family. */
  readonly nextHop?: Uint8Array;
  /**
   * For exports only: addresses, 4 or 16 bytes each, whose traffic is discarded. The one of the same family as the next
   * hop replaces it, and NO_EXPORT is added (RFC 7999 §3.2). The route is withheld if there is none of that family, or
   * if the client does not take blackholes.
   */
  readonly blackhole?: readonly Uint8Array[];
}

const maxMed = 0xffffffff;

/**
 * Returns the route with what a rule sets. A missing MED counts as 0, and sums are kept within 0..2^32-1. A next hop of
 * the other family is not set, because it would make the route unusable.
 */
export function applyActions(route: PathAttributes, set: SetActions): PathAttributes {
  let written = route;
  if (set.med !== undefined) written = { ...written, med: newMed(route.med ?? 0, set.med) };
  if (set.localPref !== undefined) written = { ...written, localPref: set.localPref };
  if (set.addCommunities !== undefined || set.removeCommunities !== undefined) {
    const { removeCommunities = [], addCommunities = [] } = set;
    written = rewriteCommunities(written, removeCommunities, addCommunities);
  }
  if (set.prepend !== undefined) {
    written = { ...written, asPath: prepend(written.asPath, asnsOf(written.asPath, set.prepend)) };
  }
  if (set.nextHop !== undefined && set.nextHop.length === route.nextHop.length) {
    written = { ...written, nextHop: set.nextHop };
  }
  return written;
}

function asnsOf(
  path: PathAttributes['asPath'],
  prepended: NonNullable<SetActions['prepend']>,
): number[] {
  const first = firstAs(path);
  return prepended.flatMap((asn) => (asn === 'first_as' ? (first ?? []) : asn));
}

const { no_export: number } = wellKnownCommunities;
/** NO_EXPORT (RFC 1997). */
const noExport: CommunityValue = { kind: 'standard', pattern: [number >>> 16, number & 0xffff] };

/**
 * Returns the route as one whose traffic is discarded (RFC 7999 §3.2); `undefined` if none of the addresses is of the
 * family of its next hop.
 */
export function asBlackhole(
  route: PathAttributes,
  addresses: readonly Uint8Array[],
): PathAttributes | undefined {
  const nextHop = addresses.find(({ length }) => length === route.nextHop.length);
  if (nextHop === undefined) return undefined;
  return { ...rewriteCommunities(route, [], [noExport]), nextHop };
}

function newMed(old: number, { kind, value }: NonNullable<SetActions['med']>): number {
  if (kind === 'set') return value;
  return Math.min(maxMed, Math.max(0, old + value));
}
