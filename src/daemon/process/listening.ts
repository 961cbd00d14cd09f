import type { Config, PeerConfig } from '#config/config.ts';
import type { MinTtl } from '#net/connection-filter.ts';
import type { Guard } from '#net/connection-guard.ts';
import { everyAddress, type ListenAt } from '#net/listener.ts';
import type { Md5Entry } from '#net/md5-keys.ts';
import { parseAddress } from '#text/address.ts';

/** Returns where BGP connections are accepted. */
export function placesOf({ listen }: Config): readonly ListenAt[] {
  return listen.length > 0 ? listen : everyAddress(179);
}

/** Returns what the kernel demands of incoming connections. */
export function guardOf(config: Config): Guard {
  return { keys: md5Entries(config), minTtls: minTtls(config) };
}

/** RFC 5082 §3. Two peers with the same link-local address get the lower of their values. */
function minTtls({ peers, peerRanges }: Config): MinTtl[] {
  return [
    ...peers.map(({ address, ...peer }) => ({ address, minTtl: minTtlOf(peer) })),
    ...peerRanges.map(({ range, rangeText, ...peer }) => {
      const [network] = rangeText.split('/');
      const { lengthBits } = range;
      return { address: parseAddress(network), lengthBits, minTtl: minTtlOf(peer) };
    }),
  ];
}

/** 0 means that any TTL is allowed. */
export function minTtlOf({ gtsm, multihop }: Pick<PeerConfig, 'gtsm' | 'multihop'>): number {
  return gtsm ? 256 - (multihop ?? 1) : 0;
}

/**
 * Returns the TCP MD5 keys of all peers that may connect. The kernel takes the longest match: a peer's own key before
 * that of a range around it. Two peers with the same link-local address share one key.
 */
function md5Entries({ peers, peerRanges }: Config): Md5Entry[] {
  const ofPeers = peers.flatMap(({ name, address, password }): Md5Entry[] =>
    password === undefined ? [] : [{ owner: `peer ${name}`, address, key: password.reveal() }],
  );
  const ofRanges = peerRanges.flatMap(({ range, rangeText, password }): Md5Entry[] => {
    if (password === undefined) return [];
    const [network] = rangeText.split('/');
    const { lengthBits } = range;
    const owner = `range ${rangeText}`;
    return [{ owner, address: parseAddress(network), lengthBits, key: password.reveal() }];
  });
  const once = new Map(ofPeers.map((entry) => [entry.address.join(), entry]));
  return [...once.values(), ...ofRanges];
}
