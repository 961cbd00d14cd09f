import type { AttrsId, PeerId } from '#policy/ids.ts';
import type { AttrTable } from './attr-table.ts';
import { widen } from './columns.ts';

/** PeerIds have 16 bits. */
const peersPerService = 2 ** 16;

/** What the decision knows about peers: a few integers each, in columns by PeerId. */
export class PeerRanks {
  private routerIds = new Uint32Array(64);
  private addressRanks = new Uint32Array(64);
  private drained = new Uint8Array(64);
  private honours = new Uint8Array(64);
  /** How many peers are drained. */
  private drainedPeers = 0;
  /** By service and peer: the peers that do not answer the probe of a service; mostly empty. */
  private readonly unanswering = new Set<number>();
  /** In ascending order. */
  private readonly addresses: Address[] = [];

  /** `honoursShutdown`: GRACEFUL_SHUTDOWN drains this peer's paths (RFC 8326 §4). */
  add(peer: PeerId, address: Uint8Array, honoursShutdown: boolean): void {
    while (peer >= this.routerIds.length) this.grow();
    this.routerIds[peer] = 0;
    this.setDrained(peer, false);
    this.honours[peer] = honoursShutdown ? 1 : 0;
    this.place({ peer, key: sortKey(address) });
  }

  remove(peer: PeerId): void {
    for (const key of this.unanswering)
      if (key % peersPerService === peer) this.unanswering.delete(key);
    this.setDrained(peer, false);
    this.displace(peer);
  }

  /** Returns whether the address has changed, since the peer's place among all may have changed too. */
  setAddress(peer: PeerId, address: Uint8Array): boolean {
    const key = sortKey(address);
    if (this.addresses[this.addressRanks[peer]].key === key) return false;
    this.displace(peer);
    this.place({ peer, key });
    return true;
  }

  setRouterId(peer: PeerId, routerId: number): void {
    this.routerIds[peer] = routerId;
  }

  setDrained(peer: PeerId, drained: boolean): void {
    this.drainedPeers += Number(drained) - this.drained[peer];
    this.drained[peer] = drained ? 1 : 0;
  }

  setHonoursShutdown(peer: PeerId, honours: boolean): void {
    this.honours[peer] = honours ? 1 : 0;
  }

  /** Sets whether the peer's paths to addresses of the service (by number) rank as ones whose node answers. */
  setAnswering(peer: PeerId, service: number, isAnswering: boolean): void {
    const key = service * peersPerService + peer;
    if (isAnswering) this.unanswering.delete(key);
    else this.unanswering.add(key);
  }

  /** Copies which peers do not answer. */
  copyAnswers(from: PeerRanks): void {
    for (const key of from.unanswering) this.unanswering.add(key);
  }

  isAnswering(peer: PeerId, service: number): boolean {
    const { unanswering } = this;
    return unanswering.size === 0 || !unanswering.has(service * peersPerService + peer);
  }

  routerId(peer: PeerId): number {
    return this.routerIds[peer];
  }

  /** Returns the position of the peer's address among all, lower address first (RFC 4271 §9.1.2.2 g). */
  addressRank(peer: PeerId): number {
    return this.addressRanks[peer];
  }

  /** Whether any peer is drained. */
  get areAnyDrained(): boolean {
    return this.drainedPeers > 0;
  }

  isDrained(peer: PeerId): boolean {
    return this.drained[peer] === 1;
  }

  /** Returns 0; 1 for a drained path, which ranks after every other; 2 for a long-lived stale one. */
  demotion(peer: PeerId, attrs: AttrTable, accepted: AttrsId): number {
    if (attrs.isLongLivedStale(accepted)) return 2;
    if (this.drained[peer] === 1) return 1;
    return this.isShuttingDown(peer, attrs, accepted) ? 1 : 0;
  }

  /** Returns whether the peer itself drains these routes (RFC 8326 §4). */
  isShuttingDown(peer: PeerId, attrs: AttrTable, accepted: AttrsId): boolean {
    return this.honours[peer] === 1 && attrs.isGracefulShutdown(accepted);
  }

  private place(address: Address): void {
    let [low, high] = [0, this.addresses.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.addresses[middle], address)) low = middle + 1;
      else high = middle;
    }
    this.addresses.splice(low, 0, address);
    this.rankFrom(low);
  }

  private displace(peer: PeerId): void {
    const rank = this.addressRanks[peer];
    this.addresses.splice(rank, 1);
    this.rankFrom(rank);
  }

  private rankFrom(first: number): void {
    const { addresses, addressRanks } = this;
    for (let rank = first; rank < addresses.length; rank++) {
      addressRanks[addresses[rank].peer] = rank;
    }
  }

  private grow(): void {
    const capacity = this.routerIds.length * 2;
    this.routerIds = widen(this.routerIds, capacity);
    this.addressRanks = widen(this.addressRanks, capacity);
    this.drained = widen(this.drained, capacity);
    this.honours = widen(this.honours, capacity);
  }
}

interface Address {
  readonly peer: PeerId;
  readonly key: string;
}

function isBefore(a: Address, b: Address): boolean {
  return a.key === b.key ? a.peer < b.peer : a.key < b.key;
}

/** IPv4 sorts before IPv6, then by bytes. */
function sortKey(address: Uint8Array): string {
  return String.fromCharCode(address.length, ...address);
}
