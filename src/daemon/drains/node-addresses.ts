import type { PeerConfig } from '#config/config.ts';
import { formatAddress } from '#text/address.ts';

/** The addresses of a node, or of several: a route with one of them as its next hop leads to the node. */
export class NodeAddresses {
  private readonly texts: ReadonlySet<string>;

  /** `more` are addresses that the configuration of the peers does not have. */
  constructor(
    peers: Iterable<Pick<PeerConfig, 'address' | 'nextHops'>>,
    more: readonly Uint8Array[] = [],
  ) {
    const addresses = [...peers].flatMap(({ address, nextHops }) => [address, ...nextHops]);
    this.texts = new Set([...addresses, ...more].map((address) => formatAddress(address)));
  }

  has(nextHop: Uint8Array): boolean {
    return nextHop.length > 0 && this.texts.has(formatAddress(nextHop));
  }
}
