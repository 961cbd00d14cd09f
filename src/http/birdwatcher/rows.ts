import type { OriginName } from '#api/names.ts';
import type { PathView } from '#api/views/path.ts';
import { splitExtCommunity } from '#text/community.ts';
import { clockTime } from './envelope.ts';
import { protocolKey } from './protocol-key.ts';
import type { LargeCommunity } from './reasons.ts';

const origins: Readonly<Record<OriginName, string>> = {
  igp: 'IGP',
  egp: 'EGP',
  incomplete: 'Incomplete',
};

/** BIRD's preference of BGP, which is shown where other protocols have a metric. */
const preference = 100;

/**
 * Returns a path as birdwatcher writes a route. `gateway` is the peer's address whatever the next hop is, because
 * Alice-LG drops the filtered routes of a neighbour whose gateways differ. `mark` says why the route is in the list.
 */
export function row(path: PathView, peerAddress: string, mark?: LargeCommunity): object {
  const gateway = peerAddress.replace(/%.*$/, '');
  return {
    network: path.prefix,
    from_protocol: protocolKey(path.peer),
    gateway,
    learnt_from: gateway,
    interface: '',
    metric: preference,
    primary: path.best,
    age: clockTime(path.received_at),
    type: ['BGP', 'unicast', 'univ'],
    bgp: attributes(path, mark),
  };
}

/** Numeric attributes are written as text here, because Alice-LG reads a number as 0. */
function attributes(path: PathView, mark: LargeCommunity | undefined): object {
  const { med, otc } = path;
  return {
    origin: origins[path.origin],
    as_path: path.as_path.flatMap(asTexts),
    next_hop: path.next_hop,
    local_pref: String(path.local_pref ?? 100),
    ...(med !== undefined && { med: String(med) }),
    ...(otc !== undefined && { otc: String(otc) }),
    communities: path.communities.map(numbers),
    large_communities: [
      ...path.large_communities.map(numbers),
      ...(mark === undefined ? [] : [mark]),
    ],
    ext_communities: path.ext_communities.map(splitExtCommunity),
  };
}

/** Returns a set as BIRD prints it, cut at its blanks: `{65001`, `65002}`. */
function asTexts(asns: number | readonly number[]): string[] {
  return typeof asns === 'number' ? [String(asns)] : `{${asns.join(' ')}}`.split(' ');
}

function numbers(community: string): number[] {
  return community.split(':').map(Number);
}
