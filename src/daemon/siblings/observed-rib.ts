import { randomInt } from 'node:crypto';
import { compileImport } from '#policy/compile.ts';
import type { PeerId } from '#policy/ids.ts';
import type { ImportJudge } from '#policy/judge.ts';
import type { ImportSettings } from '#policy/policy.ts';
import type { AttributeErrors, LimitReached, RibEvents } from '#rib/rib-events.ts';
import type { RibPeerSettings } from '#rib/rib-peer.ts';
import { Rib } from '#rib/rib.ts';
import { RibView } from '#rib/view.ts';
import type { Prefix } from '#wire/nlri.ts';

/** The peer whose routes are observed, as far as it is notified of what happens to them. */
export interface ObservedPeer {
  limitReached(reached: LimitReached): void;
  tooManyAttributeBytes(bytes: number): void;
  readonly reports: {
    attributeErrors(errors: AttributeErrors, block: Uint8Array): void;
    prefixIgnored(prefix: Prefix): void;
  };
}

/**
 * The RIB of what other route servers send. Nothing in it is ever selected for, or sent to, anyone, and its ids mean
 * nothing in the RIB of our own routes. Policy, first AS, next hops and loops are not checked.
 */
export class ObservedRib {
  readonly rib: Rib;
  readonly view: RibView;
  private readonly judge: ImportJudge;
  private readonly peers = new Map<PeerId, ObservedPeer>();

  constructor() {
    this.rib = new Rib({
      seed: randomInt(2 ** 48 - 1),
      keepsLocalPref: true,
      decision: { med: 'same_as', tieBreak: 'router_id' },
      output: { send: () => undefined, sendRouteRefresh: () => undefined },
      events: eventsTo(this.peers),
    });
    this.view = new RibView(this.rib);
    this.judge = compileImport(everything, this.rib.attrs);
  }

  /** Adds an observer; `settings` are those of the RIB of our own routes. */
  add(peer: ObservedPeer, settings: RibPeerSettings): PeerId {
    const id = this.rib.addPeer(this.settingsOf(settings));
    this.peers.set(id, peer);
    return id;
  }

  replace(id: PeerId, settings: RibPeerSettings): void {
    this.rib.replaceSettings(id, this.settingsOf(settings));
  }

  remove(id: PeerId): void {
    this.rib.removePeer(id);
    this.peers.delete(id);
  }

  private settingsOf(settings: RibPeerSettings): RibPeerSettings {
    return { ...settings, importJudge: this.judge };
  }
}

/** AS 0 is in no path, and no address is ours, so that every route is accepted. */
const everything: ImportSettings = {
  peerName: 'observer',
  peerAs: 0,
  peerAddress: new Uint8Array(4),
  localAs: 0,
  localAddresses: [],
  policy: 'all',
  missingMed: 'zero',
  acceptNextHop: 'any',
  enforceFirstAs: false,
  allowAsSets: true,
};

function eventsTo(peers: ReadonlyMap<PeerId, ObservedPeer>): RibEvents {
  return {
    limitReached: (peer, reached) => peers.get(peer)?.limitReached(reached),
    tooManyAttributeBytes: (peer, bytes) => peers.get(peer)?.tooManyAttributeBytes(bytes),
    attributeErrors: (peer, errors, block) =>
      peers.get(peer)?.reports.attributeErrors(errors, block),
    prefixIgnored: (peer, prefix) => peers.get(peer)?.reports.prefixIgnored(prefix),
  };
}
