import type { Work } from '#api/queries.ts';
import type { Clock } from '#clock.ts';
import type { Config } from '#config/config.ts';
import { none } from '#policy/ids.ts';
import type { FamilyView, RibView } from '#rib/view.ts';
import { covers, type DrainTarget } from '#services/drain.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import type { RunningPeers } from '../peers/running-peers.ts';
import type { Probes } from '../probes/probes.ts';
import type { ServiceAddresses } from '../services/service-addresses.ts';
import type { WatchedServices } from '../services/watched-services.ts';

/** A drain does not end by itself within this time after a failover. */
const calmMs = 60_000;

/** Parts of the daemon. */
interface Parts {
  readonly clock: Clock;
  readonly config: Config;
  readonly view: RibView;
  readonly peers: RunningPeers;
  readonly services: WatchedServices;
  readonly probes: Probes;
}

/**
 * Returns why a drain should not end now; `undefined` if every node that it covers says that it is up, and nothing has
 * failed over recently. Traffic must not be sent back into an incident. Yields after each address.
 */
export function* whyNotEnded(parts: Parts, target: DrainTarget): Work<string | undefined> {
  const peers = [...parts.peers].filter(({ config }) => covers(target, config));
  for (const peer of peers) {
    const why = yield* whyUnwell(parts, peer);
    if (why !== undefined) return why;
  }
  return recentFailover(parts);
}

function* whyUnwell(
  { view, services, config, probes }: Parts,
  peer: RunningPeer,
): Work<string | undefined> {
  if (!peer.isEnabled) return undefined;
  if (!peer.isUp) return `the session with ${peer.name} is down`;
  for (const family of view.families) {
    const why = yield* whyNotUp(family, peer, services.addresses);
    if (why !== undefined) return why;
  }
  const silent = config.services.find(
    ({ name }) => probes.stateOf(name, peer.ribId) === 'not_answering',
  );
  if (silent === undefined) return undefined;
  return `${peer.config.node} does not answer to the probe of ${silent.name}`;
}

/** Checks the addresses of services that the peer announces. */
function* whyNotUp(
  family: FamilyView,
  { ribId, config }: RunningPeer,
  addresses: ServiceAddresses,
): Work<string | undefined> {
  for (const { prefix, text } of addresses.all()) {
    yield;
    if (prefix.family !== family.family) continue;
    const id = family.find(prefix);
    const path = id === none ? none : family.pathOf(id, ribId);
    if (path === none || family.accepted(path) === none) continue;
    const name = family.classByMed(path);
    if (name !== 'up')
      return `${config.node} says that it is ${name.replaceAll('_', ' ')} for ${text}`;
  }
  return undefined;
}

function recentFailover({ services, clock }: Parts): string | undefined {
  const { lastFailoverMs } = services.moves;
  if (lastFailoverMs === undefined) return undefined;
  const agoMs = clock.monotonic() - lastFailoverMs;
  if (agoMs >= calmMs) return undefined;
  return `an address of a service failed over ${Math.floor(agoMs / 1000)} s ago`;
}
