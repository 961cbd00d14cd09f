import type { PrefixPattern } from '#policy/policy.ts';
import { formatAddress } from '#text/address.ts';
import { prefixOf } from '#text/prefix.ts';
import type { Config, PeerConfig, PeerRangeConfig } from '../config.ts';

/**
 * The range that an address belongs to: the longest that covers its address. `undefined` also where a
 * peer has the address: a configured peer wins over any range.
 */
export function rangeOf(
  { peers, peerRanges }: Pick<Config, 'peers' | 'peerRanges'>,
  address: Uint8Array,
  zone: string | undefined,
): PeerRangeConfig | undefined {
  const covering = peerRanges.filter((range) => covers(range, address, zone));
  if (covering.length === 0) return undefined;
  const text = formatAddress(address, zone);
  if (peers.some((peer) => peer.addressText === text)) return undefined;
  return covering.reduce((a, b) => (b.range.lengthBits > a.range.lengthBits ? b : a));
}

/** The peer that an address is by its range; its name is its address. */
export function dynamicPeer(
  config: Pick<Config, 'peers' | 'peerRanges'>,
  address: Uint8Array,
  zone: string | undefined,
): PeerConfig | undefined {
  const found = rangeOf(config, address, zone);
  if (found === undefined) return undefined;
  const { range: _, rangeText, maxPeers: _maxPeers, ...session } = found;
  const addressText = formatAddress(address, zone);
  return {
    ...session,
    ...(zone !== undefined && { interface: zone }),
    name: addressText,
    address,
    addressText,
    node: session.node ?? addressText,
    range: rangeText,
  };
}

function covers(range: PeerRangeConfig, address: Uint8Array, zone: string | undefined): boolean {
  const isElsewhere = range.interface !== undefined && range.interface !== zone;
  return !isElsewhere && isWithin(address, range.range);
}

/** Whether the network of the pattern has the address; the pattern's lengths do not count. */
export function isWithin(address: Uint8Array, pattern: PrefixPattern): boolean {
  const network = prefixOf(address, pattern.lengthBits);
  return (
    network.family === pattern.family &&
    network.word0 === pattern.word0 &&
    network.word1 === pattern.word1 &&
    network.word2 === pattern.word2 &&
    network.word3 === pattern.word3
  );
}
