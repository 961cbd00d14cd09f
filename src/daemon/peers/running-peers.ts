import type { PeerId } from '#policy/ids.ts';
import { formatAddress, parseZonedAddress } from '#text/address.ts';
import { TextError } from '#text/text-error.ts';
import type { RunningPeer } from './running-peer.ts';

/**
 * The peers at work: first those of the configuration in its order, then those of ranges in order of arrival. They are
 * found by name, address or id.
 */
export class RunningPeers implements Iterable<RunningPeer> {
  private list: RunningPeer[] = [];
  private readonly byName = new Map<string, RunningPeer>();
  private readonly byAddress = new Map<string, RunningPeer>();
  private readonly byId = new Map<PeerId, RunningPeer>();

  [Symbol.iterator](): Iterator<RunningPeer> {
    return this.list[Symbol.iterator]();
  }

  get size(): number {
    return this.list.length;
  }

  add(peer: RunningPeer): void {
    this.list.push(peer);
    this.byId.set(peer.ribId, peer);
    this.index(peer);
  }

  remove(peer: RunningPeer): void {
    this.list = this.list.filter((row) => row !== peer);
    this.byId.delete(peer.ribId);
    this.byName.delete(peer.name);
    this.byAddress.delete(peer.config.addressText);
  }

  /** Takes over the order of the new configuration, and addresses that may have changed. */
  arrange(names: readonly string[]): void {
    const rank = new Map(names.map((name, at) => [name, at]));
    const rankOf = ({ name }: RunningPeer): number => rank.get(name) ?? names.length;
    this.list.sort((a, b) => rankOf(a) - rankOf(b));
    this.byName.clear();
    this.byAddress.clear();
    for (const peer of this.list) this.index(peer);
  }

  named(name: string): RunningPeer | undefined {
    return this.byName.get(name);
  }

  /** Finds a peer by name, or else by its address in any spelling. */
  find(nameOrAddress: string): RunningPeer | undefined {
    const named = this.byName.get(nameOrAddress);
    if (named !== undefined) return named;
    try {
      const { address, zone } = parseZonedAddress(nameOrAddress);
      return this.byAddress.get(formatAddress(address, zone));
    } catch (error) {
      if (error instanceof TextError) return undefined;
      throw error;
    }
  }

  /** Returns the peer with this address; `zone` is the interface of a link-local address. */
  at(address: Uint8Array, zone: string | undefined): RunningPeer | undefined {
    return this.byAddress.get(formatAddress(address, zone));
  }

  withId(id: PeerId): RunningPeer | undefined {
    return this.byId.get(id);
  }

  private index(peer: RunningPeer): void {
    this.byName.set(peer.name, peer);
    this.byAddress.set(peer.config.addressText, peer);
  }
}
