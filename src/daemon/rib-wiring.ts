import { randomInt } from 'node:crypto';
import type { Clock } from '#clock.ts';
import type { DecisionConfig } from '#config/config.ts';
import type { PeerId } from '#policy/ids.ts';
import type { RibEvents } from '#rib/rib-events.ts';
import { Rib, type RibOptions } from '#rib/rib.ts';
import type { ConfigFollower } from './config-follower.ts';
import type { RunningPeer } from './peers/running-peer.ts';
import type { RunningPeers } from './peers/running-peers.ts';
import { bandsOf } from './services/service-patterns.ts';

/** Who is notified of best paths, and of paths to addresses of services. */
export type AddressChanges = Required<Pick<RibEvents, 'bestChanged' | 'pathChanged' | 'pathKept'>>;

/** Who hears of whole UPDATEs to a peer; the bytes are never changed. */
export type UpdatesSent = (peer: PeerId, bytes: Uint8Array) => void;

const refreshNames = ['request', 'begin', 'end'] as const;

/**
 * Returns the RIB, whose messages go to the sessions of the peers, and whose events go to the parts that they concern.
 */
export function wiredRib(
  decision: DecisionConfig,
  clock: Clock,
  peers: RunningPeers,
  changes: AddressChanges,
  updatesSent: UpdatesSent,
): Rib {
  return new Rib({
    seed: randomInt(2 ** 48 - 1),
    decision,
    output: outputTo(peers, clock, updatesSent),
    events: eventsTo(peers, changes),
  });
}

/** Applies to the RIB how it decides, and which addresses belong to services. */
export function followingRib(rib: Rib): ConfigFollower {
  return {
    applyConfig: ({ decision, services }, changed) => {
      rib.setDecision(decision);
      if (changed.has('services')) rib.setServices(bandsOf(services));
    },
  };
}

function outputTo(
  peers: RunningPeers,
  clock: Clock,
  updatesSent: UpdatesSent,
): RibOptions['output'] {
  return {
    send: (peer, bytes, messages) => {
      peers.withId(peer)?.session.send(bytes, messages, clock.monotonic());
      updatesSent(peer, bytes);
    },
    sendRouteRefresh: (peer, family, subtype) =>
      peers
        .withId(peer)
        ?.session.sendRouteRefresh(family, refreshNames[subtype], clock.monotonic()),
  };
}

function eventsTo(peers: RunningPeers, changes: AddressChanges): RibEvents {
  const peerOf = (id: PeerId): RunningPeer | undefined => peers.withId(id);
  return {
    ...changes,
    limitReached: (peer, reached) => peerOf(peer)?.limitReached(reached),
    tooManyAttributeBytes: (peer, bytes) => peerOf(peer)?.tooManyAttributeBytes(bytes),
    attributeErrors: (peer, errors, block) => peerOf(peer)?.reports.attributeErrors(errors, block),
    prefixIgnored: (peer, prefix) => peerOf(peer)?.reports.prefixIgnored(prefix),
    routeRefused: (peer, prefix, reason) => peerOf(peer)?.reports.routeRefused(prefix, reason),
    routeTooLong: (client, prefix) => peerOf(client)?.reports.routeTooLong(prefix),
  };
}
