import { none, type PathId } from '#policy/ids.ts';
import type { FamilyRib } from '#rib/family-rib.ts';
import { pathClasses } from '#rib/path-class.ts';
import { covers, type DrainTarget } from '#services/drain.ts';
import type { Daemon } from '../daemon.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import type { ServiceWatch } from '../service-watch.ts';

/** A drain does not end by itself within this time after a failover. */
const calmMs = 60_000;

type Parts = Pick<Daemon, 'rib' | 'peers' | 'services' | 'clock'>;

/**
 * Why a drain should not end now; `undefined`: every node that it covers is up by its own word, and
 * nothing has failed over lately. Traffic must not be sent back into an incident.
 */
export function whyNotEnded(parts: Parts, target: DrainTarget): string | undefined {
  const peers = [...parts.peers].filter(({ config }) => covers(target, config));
  for (const peer of peers) {
    const why = whyUnwell(parts, peer);
    if (why !== undefined) return why;
  }
  return recentFailover(parts);
}

function whyUnwell({ rib, services }: Parts, peer: RunningPeer): string | undefined {
  if (!peer.isEnabled) return undefined;
  if (!peer.isUp) return `the session with ${peer.name} is down`;
  for (const family of rib.families) {
    const why = whyNotUp(family, peer, services);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Of the addresses of services that the peer announces. */
function whyNotUp(
  { tables }: FamilyRib,
  { ribId, config }: RunningPeer,
  services: ServiceWatch,
): string | undefined {
  const { paths, prefixes, classes } = tables;
  for (const { prefix, text } of services.allAddresses()) {
    if (prefix.family !== tables.family) continue;
    const id = prefixes.find(prefix);
    const path: PathId = id === none ? (none as PathId) : paths.find(id, ribId, 0);
    if (path === none || paths.accepted(path) === none) continue;
    const name = pathClasses[classes.byMed(path)];
    if (name !== 'up')
      return `${config.node} says that it is ${name.replaceAll('_', ' ')} for ${text}`;
  }
  return undefined;
}

function recentFailover({ services, clock }: Parts): string | undefined {
  const { lastFailoverMs } = services;
  if (lastFailoverMs === undefined) return undefined;
  const agoMs = clock.monotonic() - lastFailoverMs;
  if (agoMs >= calmMs) return undefined;
  return `an address of a service failed over ${Math.floor(agoMs / 1000)} s ago`;
}
