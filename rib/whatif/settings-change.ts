import type { PeerId } from '#policy/ids.ts';
import { type DecisionOptions, sameDecision } from '../decision-steps.ts';
import type { ServiceBands } from '../path-class.ts';
import { type RibPeerSettings, sharesAlike } from '../rib-peer.ts';
import type { Rib } from '../rib.ts';
import type { PeerMask } from '../tables/peer-sets.ts';
import { maskOfAll } from './overlay.ts';
import { servedOf, type SimulatedPeer } from './simulate.ts';

/** What would run: the peers, and how their paths are compared. */
export interface SimulatedSettings {
  readonly peers: readonly SimulatedPeer[];
  readonly decision: DecisionOptions;
  /** Absent: none. Prefixes of services that differ from the live ones must be requested. */
  readonly services?: ServiceBands | undefined;
}

/**
 * What differs between two sets of peers: whose paths are removed, judged again or ranked differently, and who is sent
 * routes.
 */
export class SettingsChange {
  readonly servedBefore: PeerMask;
  servedAfter: PeerMask;
  /** Peers that are judged again under a limit. */
  readonly limited: readonly SimulatedPeer[];
  /** All peers of `after`, without their limits. */
  readonly unlimited: readonly SimulatedPeer[];
  private readonly after: ReadonlyMap<PeerId, SimulatedPeer>;
  private readonly judged: ReadonlySet<PeerId>;
  private readonly ranked: ReadonlySet<PeerId>;
  /** Every prefix must be looked at, because clients differ, or how paths are compared. */
  private readonly touchesAll: boolean;
  private readonly ended = new Set<PeerId>();

  constructor(live: Rib, before: readonly SimulatedPeer[], then: SimulatedSettings) {
    const { peers: after, decision } = then;
    const known = new Map(before.map((peer) => [peer.id, peer]));
    const changed = (differs: (a: RibPeerSettings, b: RibPeerSettings) => boolean) =>
      after.filter(({ id, settings }) => differs(known.get(id)?.settings ?? settings, settings));
    const judged = changed(isJudgedOtherwise);
    this.after = new Map(after.map((peer) => [peer.id, peer]));
    this.judged = new Set(judged.map(({ id }) => id));
    this.ranked = new Set(changed(isRankedOtherwise).map(({ id }) => id));
    this.limited = judged.filter(({ settings, isLost }) => isLost !== true && hasLimit(settings));
    this.unlimited = after.map((peer) => ({ ...peer, settings: withoutLimits(peer.settings) }));
    this.servedBefore = servedOf(before);
    this.servedAfter = servedOf(after);
    const hasOtherClients = [...before, ...after].some(({ id }) =>
      isServedOtherwise(known.get(id), this.after.get(id)),
    );
    this.touchesAll = hasOtherClients || !sameDecision(decision, live.decision);
  }

  /** A limit ends the sessions of these peers. */
  endSessions(peers: ReadonlySet<PeerId>): void {
    for (const peer of peers) this.ended.add(peer);
    this.servedAfter &= ~maskOfAll(peers);
  }

  /** Whether peers that stay rank differently; those that are added have no path yet. */
  get isReranked(): boolean {
    return this.ranked.size > 0;
  }

  /** Returns whether the peer's paths are judged again. */
  isJudged(peer: PeerId): boolean {
    return this.judged.has(peer);
  }

  /** Returns whether what the peer announced in the family is removed. */
  isGone(peer: PeerId, family: number): boolean {
    const found = this.after.get(peer);
    if (found === undefined || found.isLost === true || this.ended.has(peer)) return true;
    return !found.settings.families[family];
  }

  /** Returns whether the state of a prefix with paths of these peers may change. */
  touches(peers: readonly PeerId[], family: number): boolean {
    return this.touchesAll || peers.some((peer) => this.hasMoved(peer, family));
  }

  private hasMoved(peer: PeerId, family: number): boolean {
    return this.judged.has(peer) || this.ranked.has(peer) || this.isGone(peer, family);
  }
}

function isJudgedOtherwise(a: RibPeerSettings, b: RibPeerSettings): boolean {
  return a.importJudge !== b.importJudge || limitsOf(a) !== limitsOf(b);
}

function isRankedOtherwise(a: RibPeerSettings, b: RibPeerSettings): boolean {
  const isSameAddress = a.address.join() === b.address.join();
  return a.honourGracefulShutdown !== b.honourGracefulShutdown || !isSameAddress;
}

function isServedOtherwise(a: SimulatedPeer | undefined, b: SimulatedPeer | undefined): boolean {
  const was = servedAs(a);
  const is = servedAs(b);
  if (was === undefined || is === undefined) return was !== is;
  return !sharesAlike(was, is);
}

/** Returns the settings of a client that is sent routes. */
function servedAs(peer: SimulatedPeer | undefined): RibPeerSettings | undefined {
  return peer?.isServed === true && peer.settings.exportJudge !== undefined
    ? peer.settings
    : undefined;
}

function limitsOf({ acceptedLimit, receivedLimit, maxPathsPerPrefix }: RibPeerSettings): string {
  return JSON.stringify([acceptedLimit, receivedLimit, maxPathsPerPrefix]);
}

function hasLimit({ acceptedLimit, receivedLimit }: RibPeerSettings): boolean {
  return [...acceptedLimit, ...receivedLimit].some((limit) => limit !== undefined);
}

function withoutLimits(settings: RibPeerSettings): RibPeerSettings {
  return { ...settings, acceptedLimit: [], receivedLimit: [] };
}
