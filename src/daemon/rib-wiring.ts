import { randomInt } from 'node:crypto';
import type { Clock } from '#clock.ts';
import type { DecisionConfig } from '#config/config.ts';
import type { PeerId } from '#policy/ids.ts';
import type { RibEvents } from '#rib/rib-events.ts';
import { Rib, type RibOptions } from '#rib/rib.ts';
import type { Bmp } from './bmp/bmp.ts';
import type { ConfigFollower } from './config-follower.ts';
import type { LastPaths } from './last-paths.ts';
import type { RunningPeer } from './peers/running-peer.ts';
import type { RunningPeers } from './peers/running-peers.ts';
import type { Journal } from './record/journal.ts';
import { bandsOf } from './services/service-patterns.ts';
import type { WatchedServices } from './services/watched-services.ts';

/**
 * The parts that are notified of what happens in the RIB. Most are made after it, so each is read when something
 * happens.
 */
interface Recipients {
  readonly peers: RunningPeers;
  readonly services: WatchedServices;
  readonly lastPaths: LastPaths;
  readonly journal: Journal;
  readonly bmp: Pick<Bmp, 'updatesSent'>;
}

const refreshNames = ['request', 'begin', 'end'] as const;

/**
 * Returns the RIB, whose messages go to the sessions of the peers, and whose events go to the parts that they concern.
 */
export function wiredRib(decision: DecisionConfig, clock: Clock, recipients: Recipients): Rib {
  return new Rib({
    seed: randomInt(2 ** 48 - 1),
    decision,
    output: outputTo(recipients, clock),
    events: { ...peerEventsTo(recipients.peers), ...addressEventsTo(recipients) },
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

function outputTo(recipients: Recipients, clock: Clock): RibOptions['output'] {
  const { peers } = recipients;
  return {
    send: (peer, bytes, messages) => {
      peers.withId(peer)?.session.send(bytes, messages, clock.monotonic());
      recipients.bmp.updatesSent(peer, bytes);
    },
    sendRouteRefresh: (peer, family, subtype) =>
      peers
        .withId(peer)
        ?.session.sendRouteRefresh(family, refreshNames[subtype], clock.monotonic()),
  };
}

function peerEventsTo(peers: RunningPeers): RibEvents {
  const peerOf = (id: PeerId): RunningPeer | undefined => peers.withId(id);
  return {
    limitReached: (peer, reached) => peerOf(peer)?.limitReached(reached),
    tooManyAttributeBytes: (peer, bytes) => peerOf(peer)?.tooManyAttributeBytes(bytes),
    attributeErrors: (peer, errors, block) => peerOf(peer)?.reports.attributeErrors(errors, block),
    prefixIgnored: (peer, prefix) => peerOf(peer)?.reports.prefixIgnored(prefix),
    routeRefused: (peer, prefix, reason) => peerOf(peer)?.reports.routeRefused(prefix, reason),
    routeTooLong: (client, prefix) => peerOf(client)?.reports.routeTooLong(prefix),
  };
}

/** First the services are notified of a change, then the parts that count or wait. */
function addressEventsTo(recipients: Recipients): RibEvents {
  return {
    bestChanged: (family, prefix, from, to) => {
      const isWatched = recipients.services.moves.bestChanged(family, prefix, from, to);
      if (!isWatched) recipients.journal.bestPathCounts.add(family, from, to);
    },
    pathChanged: (family, prefix, path, was, isGone) =>
      recipients.services.pathChanged(family, prefix, path, was, isGone),
    pathKept: (peer, family, prefix, path, untilMs) => {
      recipients.lastPaths.kept(peer, family, prefix, path, untilMs);
      recipients.services.addressChanged(family, prefix, undefined);
    },
  };
}
