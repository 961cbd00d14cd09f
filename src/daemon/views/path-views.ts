import { originNames } from '#api/names.ts';
import { listedOctets, type PathView } from '#api/views/path.ts';
import { type Clock, wallTime } from '#clock.ts';
import { type AttrsId, none, type PathId, type PeerId } from '#policy/ids.ts';
import { rejectReasons } from '#policy/reasons.ts';
import type { FamilyView, PathRecord, RibView } from '#rib/view.ts';
import { formatAddress } from '#text/address.ts';
import {
  formatCommunity,
  formatExtCommunity,
  formatIpv6ExtCommunity,
  formatLargeCommunity,
} from '#text/community.ts';
import { formatHex } from '#text/hex.ts';
import { formatPrefix } from '#text/prefix.ts';
import type { AsPathSegment, PathAttributes } from '#wire/path-attributes.ts';
import type { ViewedPeer } from './viewed-peer.ts';

/** Makes the JSON of paths from ids. */
export class PathViews {
  private readonly rib: RibView;
  private readonly clock: Clock;
  private readonly peerOf: (id: PeerId) => ViewedPeer | undefined;

  constructor(rib: RibView, clock: Clock, peerOf: (id: PeerId) => ViewedPeer | undefined) {
    this.rib = rib;
    this.clock = clock;
    this.peerOf = peerOf;
  }

  /**
   * Returns a path as received and judged: with its attributes as accepted, or else as received. `rank` if it is known.
   */
  path(family: FamilyView, path: PathId, rank?: number): PathView {
    return this.with(judgedAttrs(family, path), family, path, rank);
  }

  /** As `path`, with unknown attributes in full. */
  whole(family: FamilyView, path: PathId, rank?: number): PathView {
    const attributes = this.rib.attributes(judgedAttrs(family, path));
    return {
      ...this.path(family, path, rank),
      unknown_attributes: attributes.unknown.map((one) => unknownView(one, Infinity)),
    };
  }

  /** Returns a path as the peer sent it, before policy: without what import rules have set. */
  received(family: FamilyView, path: PathId): PathView {
    return this.with(family.path(path).received, family, path);
  }

  /** Returns a path as it is sent to a client. */
  advertised(family: FamilyView, path: PathId, attrs: AttrsId): PathView {
    return this.with(attrs, family, path);
  }

  /** Returns the path with these attributes and no others. */
  private with(attrs: AttrsId, family: FamilyView, path: PathId, rank?: number): PathView {
    const record = family.path(path);
    const { accepted, reason, isStale, keptUntilMs } = record;
    const isBest = family.best(record.prefix) === path;
    return {
      ...this.identity(family, record),
      best: isBest,
      ...((rank !== undefined || isBest) && { rank: rank ?? 1 }),
      accepted: accepted !== none,
      ...(accepted === none && { reason: rejectReasons[reason] }),
      ...(accepted !== none && this.drain(family, path, record)),
      ...(isStale && { stale: true }),
      ...(keptUntilMs !== undefined && { kept_until: wallTime(this.clock, keptUntilMs) }),
      ...this.attributes(attrs),
      ...this.reception(record),
    };
  }

  private identity(
    family: FamilyView,
    record: PathRecord,
  ): { prefix: string; peer: string; node?: string } {
    const peer = this.peerOf(record.peer);
    return {
      prefix: formatPrefix(family.prefix(record.prefix)),
      peer: peer?.name ?? '',
      ...(peer !== undefined && { node: peer.config.node }),
    };
  }

  private reception({ receivedAtMs, pathId }: PathRecord): {
    received_at: string;
    path_id?: number;
  } {
    return {
      received_at: wallTime(this.clock, receivedAtMs),
      ...(pathId !== 0 && { path_id: pathId }),
    };
  }

  private drain(
    family: FamilyView,
    path: PathId,
    { peer, accepted }: PathRecord,
  ): Pick<PathView, 'drained' | 'drained_by'> {
    const isDisabled = family.serviceClass(path) === 'disabled';
    const by = this.rib.drainedBy(peer, accepted) ?? (isDisabled ? 'node' : undefined);
    return {
      ...(family.isDrained(path) && { drained: true }),
      ...(by !== undefined && { drained_by: by }),
    };
  }

  private attributes(id: AttrsId): AttributesView {
    return attributesView(this.rib.attributes(id));
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

/** Returns the attributes as the API shows them. */
export function attributesView(route: PathAttributes): AttributesView {
  const { med, localPref, aggregator, otc } = route;
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
    ext_communities: [
      ...route.extCommunities.map(formatExtCommunity),
      ...route.ipv6ExtCommunities.map(formatIpv6ExtCommunity),
    ],
    ...(otc !== undefined && { otc }),
    unknown_attributes: route.unknown.map((one) => unknownView(one, listedOctets)),
  };
}

function judgedAttrs(family: FamilyView, path: PathId): AttrsId {
  const { accepted, received } = family.path(path);
  return accepted === none ? received : accepted;
}

function unknownView(
  { type, flags, value }: PathAttributes['unknown'][number],
  octets: number,
): PathView['unknown_attributes'][number] {
  return { type, flags, value: formatHex(value.subarray(0, octets)), length: value.length };
}

/** Returns the numbers of a sequence, or a set as an inner list. */
function segmentView({ kind, asns }: AsPathSegment): (number | number[])[] {
  return kind === 'set' ? [[...asns]] : [...asns];
}
