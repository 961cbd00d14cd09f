import { formatAddress } from '#text/address.ts';
import { prefixOf } from '#text/prefix.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { Config, PeerConfig, PeerRangeConfig } from './config.ts';

/**
 * Returns the range of an address: the longest one that covers it. Returns `undefined` also if a configured
 * peer has the address, since that wins over any range.
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

/** Returns the peer that has the address: a configured one, or the one that a range creates for it. */
export function peerWithAddress(
  config: Pick<Config, 'peers' | 'peerRanges'>,
  address: Uint8Array,
  zone: string | undefined,
): PeerConfig | undefined {
  const text = formatAddress(address, zone);
  return (
    config.peers.find(({ addressText }) => addressText === text) ??
    dynamicPeer(config, address, zone)
  );
}

/** Returns the peer that a range creates for an address; its name is its address. */
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

/** Returns whether the prefix, or the network of a pattern, contains the address. */
export function isWithin(address: Uint8Array, prefix: Prefix): boolean {
  const network = prefixOf(address, prefix.lengthBits);
  return (
    network.family === prefix.family &&
    network.word0 === prefix.word0 &&
    network.word1 === prefix.word1 &&
    network.word2 === prefix.word2 &&
    network.word3 === prefix.word3
  );
}
