import type { Clock } from '#clock.ts';
import type { Config, PeerConfig } from '#config/config.ts';
import { dynamicPeer, rangeOf } from '#config/peer-range.ts';
import type { RunningPeer } from './running-peer.ts';

/** How long a peer that has left is listed as down. */
const listedMs = 24 * 60 * 60 * 1000;
/** An honest peer comes up within this time; after it, its place may be given to a newer connection. */
const patienceMs = 5000;

export interface DynamicPeersHost {
  readonly clock: Clock;
  readonly peers: Iterable<RunningPeer>;
  config(): Config;
  add(config: PeerConfig): RunningPeer;
  remove(peer: RunningPeer): void;
}

/**
 * Peers that were created for connections from a range. At most `max_peers` are connected at a time, and as many again
 * that were Established are remembered, however many addresses connect.
 */
export class DynamicPeers {
  private readonly host: DynamicPeersHost;

  constructor(host: DynamicPeersHost) {
    this.host = host;
  }

  /** Creates the peer for an address that has none yet; a returned text says why there is none. */
  admit(address: Uint8Array, zone: string | undefined): RunningPeer | string {
    const config = this.host.config();
    const range = rangeOf(config, address, zone);
    const peer = dynamicPeer(config, address, zone);
    if (range === undefined || peer === undefined) return 'no peer is configured with this address';
    if (!range.enabled) return `the peer range ${range.rangeText} is disabled`;
    const isFull = !this.makeRoom(range.rangeText, range.maxPeers);
    if (isFull)
      return `the peer range ${range.rangeText} already has its maximum of ${range.maxPeers} peers`;
    this.forgetBeyond(range.rangeText, range.maxPeers);
    return this.host.add(peer);
  }

  /** Returns whether a known peer may come back now. */
  mayReturn(peer: RunningPeer): boolean {
    const { peerRanges } = this.host.config();
    const range = peerRanges.find(({ rangeText }) => rangeText === peer.config.range);
    if (range === undefined || peer.isConnected) return true;
    return this.makeRoom(range.rangeText, range.maxPeers);
  }

  /** To be called now and then: forgets peers that left long ago. */
  forgetOld(): void {
    const now = this.host.clock.monotonic();
    for (const peer of [...this.host.peers].filter(isForgettable)) {
      if (now - peer.stateSinceMs >= listedMs) this.host.remove(peer);
    }
  }

  /** Forgets a peer that has left, unless it was Established. */
  forgetStranger(peer: RunningPeer): void {
    if (peer.isStranger && isForgettable(peer)) this.host.remove(peer);
  }

  /** Returns false if all places are taken by peers that are up or may well come up. */
  private makeRoom(range: string, maxPeers: number): boolean {
    const connected = this.of(range).filter(({ isConnected }) => isConnected);
    if (connected.length < maxPeers) return true;
    const slow = connected.filter(({ isUp }) => !isUp).toSorted(byAge)[0];
    if (slow === undefined) return false;
    const waitedMs = this.host.clock.monotonic() - slow.stateSinceMs;
    if (waitedMs < patienceMs) return false;
    slow.endForMaxPaths();
    this.host.remove(slow);
    return true;
  }

  private forgetBeyond(range: string, kept: number): void {
    const left = this.of(range).filter(isForgettable);
    if (left.length <= kept) return;
    for (const peer of left.toSorted(byAge).slice(0, left.length - kept)) this.host.remove(peer);
  }

  private of(range: string): RunningPeer[] {
    return [...this.host.peers].filter(({ config }) => config.range === range);
  }
}

/** A peer that an operator has disabled is kept, so that it stays disabled; so is one whose routes are kept. */
function isForgettable(peer: RunningPeer): boolean {
  const { config, disabled, session } = peer;
  if (config.range === undefined || peer.isConnected || disabled !== undefined) return false;
  return session.gracefulRestart.stale.length === 0;
}

/** Sorts the longest in its state first. */
function byAge(a: RunningPeer, b: RunningPeer): number {
  return a.stateSinceMs - b.stateSinceMs;
}
