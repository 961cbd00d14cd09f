import { originNames } from '#api/names.ts';
import { listedOctets, type PathView } from '#api/path.ts';
import { type Clock, timestamp } from '#clock.ts';
import { type AttrsId, none, type PathId, type PeerId } from '#policy/ids.ts';
import { rejectReasons } from '#policy/policy.ts';
import type { FamilyRib } from '#rib/family-rib.ts';
import { pathClasses } from '#rib/path-class.ts';
import type { Rib } from '#rib/rib.ts';
import { Staleness } from '#rib/tables/path-table.ts';
import { scratchPrefix } from '#rib/tables/prefix-table.ts';
import { formatAddress } from '#text/address.ts';
import { formatCommunity, formatExtCommunity, formatLargeCommunity } from '#text/community.ts';
import { formatHex } from '#text/hex.ts';
import { formatPrefix } from '#text/prefix.ts';
import type { AsPathSegment, PathAttributes } from '#wire/path-attributes.ts';
import { drainedBy } from './drained-by.ts';
import type { ViewedPeer } from './viewed-peer.ts';

/** Makes the JSON of paths from ids. */
export class PathViews {
  private readonly rib: Rib;
  private readonly clock: Clock;
  private readonly peerOf: (id: PeerId) => ViewedPeer | undefined;

  constructor(rib: Rib, clock: Clock, peerOf: (id: PeerId) => ViewedPeer | undefined) {
    this.rib = rib;
    this.clock = clock;
    this.peerOf = peerOf;
  }

  /** A path as received and judged: attributes as accepted, else as received. `rank` if it is known. */
  path(family: FamilyRib, path: PathId, rank?: number): PathView {
    return this.with(judgedAttrs(family, path), family, path, rank);
  }

  /** As `path`, with unknown attributes at their full length. */
  whole(family: FamilyRib, path: PathId, rank?: number): PathView {
    const attributes = this.rib.attrs.read(judgedAttrs(family, path));
    return {
      ...this.path(family, path, rank),
      unknown_attributes: attributes.unknown.map((one) => unknownView(one, Infinity)),
    };
  }

  /** A path as the peer sent it, before policy: without what import rules have set. */
  received(family: FamilyRib, path: PathId): PathView {
    return this.with(family.tables.paths.received(path), family, path);
  }

  /** A path as it leaves for a client. */
  advertised(family: FamilyRib, path: PathId, attrs: AttrsId): PathView {
    return this.with(attrs, family, path);
  }

  /** The path with these attributes and no others. */
  private with(attrs: AttrsId, family: FamilyRib, path: PathId, rank?: number): PathView {
    const { paths, locRib } = family.tables;
    const accepted = paths.accepted(path);
    const isBest = locRib.bestOf(paths.prefix(path)) === path;
    return {
      ...this.identity(family, path),
      best: isBest,
      ...((rank !== undefined || isBest) && { rank: rank ?? 1 }),
      accepted: accepted !== none,
      ...(accepted === none && { reason: rejectReasons[paths.reason(path)] }),
      ...(accepted !== none && this.drain(family, path)),
      ...(paths.staleness(path) !== Staleness.fresh && { stale: true }),
      ...this.attributes(attrs),
      ...this.reception(family, path),
    };
  }

  private identity(
    family: FamilyRib,
    path: PathId,
  ): { prefix: string; peer: string; node?: string } {
    const { paths, prefixes } = family.tables;
    const words = prefixes.read(paths.prefix(path), scratchPrefix(family.tables.family));
    const peer = this.peerOf(paths.peer(path));
    return {
      prefix: formatPrefix(words),
      peer: peer?.name ?? '',
      ...(peer !== undefined && { node: peer.config.node }),
    };
  }

  private reception(family: FamilyRib, path: PathId): { received_at: string; path_id?: number } {
    const { paths } = family.tables;
    const agoMs = this.clock.monotonic() - paths.receivedAt(path);
    const pathId = paths.pathId(path);
    return {
      received_at: timestamp(this.clock.wall() - agoMs),
      ...(pathId !== 0 && { path_id: pathId }),
    };
  }

  private drain({ tables }: FamilyRib, path: PathId): Pick<PathView, 'drained' | 'drained_by'> {
    const { paths, classes } = tables;
    const isDisabled =
      pathClasses[classes.of(path)] === 'disabled' && classes.service(paths.prefix(path)) > 0;
    const { drainedBy: by = isDisabled ? ('node' as const) : undefined } = drainedBy(
      this.rib,
      paths.peer(path),
      paths.accepted(path),
    );
    return {
      ...(classes.isDrained(path) && { drained: true }),
      ...(by !== undefined && { drained_by: by }),
    };
  }

  private attributes(id: AttrsId): AttributesView {
    return attributesView(this.rib.attrs.read(id));
  }
}

export type AttributesView = Pick<
  PathView,
  | 'next_hop'
  | 'as_path'
  | 'origin'
  | 'med'
  | 'local_pref'
  | 'atomic_aggregate'
  | 'aggregator'
  | 'communities'
  | 'large_communities'
  | 'ext_communities'
  | 'otc'
  | 'unknown_attributes'
>;

/** The attributes as the API shows them. */
export function attributesView(route: PathAttributes): AttributesView {
  const { med, localPref, aggregator, otc } = route;
  const extended = [...route.extCommunities, ...route.ipv6ExtCommunities];
  return {
    next_hop: route.nextHop.length === 0 ? '' : formatAddress(route.nextHop),
    as_path: route.asPath.flatMap(segmentView),
    origin: originNames[route.origin],
    ...(med !== undefined && { med }),
    ...(localPref !== undefined && { local_pref: localPref }),
    ...(route.atomicAggregate && { atomic_aggregate: true }),
    ...(aggregator !== undefined && {
      aggregator: { asn: aggregator.asn, address: formatAddress(aggregator.address) },
    }),
    communities: route.communities.map(formatCommunity),
    large_communities: route.largeCommunities.map(formatLargeCommunity),
    ext_communities: extended.map(formatExtCommunity),
    ...(otc !== undefined && { otc }),
    unknown_attributes: route.unknown.map((one) => unknownView(one, listedOctets)),
  };
}

function judgedAttrs({ tables: { paths } }: FamilyRib, path: PathId): AttrsId {
  const accepted = paths.accepted(path);
  return accepted === none ? paths.received(path) : accepted;
}

function unknownView(
  { type, flags, value }: PathAttributes['unknown'][number],
  octets: number,
): PathView['unknown_attributes'][number] {
  return { type, flags, value: formatHex(value.subarray(0, octets)), length: value.length };
}

/** The numbers of a sequence, or a set as an inner list. */
function segmentView({ kind, asns }: AsPathSegment): (number | number[])[] {
  return kind === 'set' ? [[...asns]] : [...asns];
}
