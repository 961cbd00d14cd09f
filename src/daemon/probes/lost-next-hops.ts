import { formatAddress } from '#text/address.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import type { SiblingRoutes } from '../siblings/sibling-routes.ts';

/**
 * Yields the next hops that siblings offer for an address and that belong to nodes whose session with this server is
 * down.
 */
export function* lostNextHops(
  prefix: Prefix,
  peers: Iterable<RunningPeer>,
  siblings: SiblingRoutes,
): Generator<{ readonly peer: RunningPeer; readonly nextHop: Uint8Array }> {
  for (const name of siblings.names()) {
    const nextHop =
      siblings.unknown(name) === undefined ? siblings.route(name, prefix)?.nextHop : undefined;
    if (nextHop === undefined) continue;
    const text = formatAddress(nextHop);
    for (const peer of peers) {
      const { isClient, isEnabled, isUp, config } = peer;
      if (isClient || config.observer || !isEnabled || isUp) continue;
      const addresses = [config.address, ...config.nextHops];
      if (addresses.some((address) => formatAddress(address) === text)) yield { peer, nextHop };
    }
  }
}
