import { type AddPathFamily, type Capability, roles } from '#wire/capability.ts';
import { families } from '#wire/constants.ts';
import type { Open } from '#wire/open.ts';
import type { SessionSettings } from './settings.ts';

/**
 * Builds our OPEN for these settings, with the capabilities in the order of their codes; `now` decides whether
 * it says that we have restarted.
 */
export function buildOpen(settings: SessionSettings, now = Infinity): Open {
  return {
    version: 4,
    asn: settings.localAs,
    holdTimeSec: settings.holdTimeSec,
    routerId: settings.routerId,
    capabilities: [
      ...multiprotocol(settings),
      { kind: 'routeRefresh' },
      ...extendedNextHop(settings),
      { kind: 'extendedMessage' },
      ...role(settings),
      ...gracefulRestart(settings, now),
      { kind: 'as4', asn: settings.localAs },
      ...addPath(settings),
      { kind: 'enhancedRouteRefresh' },
      ...longLived(settings),
      ...names(settings),
    ],
  };
}

function multiprotocol(settings: SessionSettings): Capability[] {
  return settings.families.map((family) => {
    const { afi, safi } = families[family];
    return { kind: 'multiprotocol', afi, safi };
  });
}

/** Offers IPv4 unicast with a next hop of AFI 2 (RFC 8950 §4). */
function extendedNextHop(settings: SessionSettings): Capability[] {
  if (settings.extendedNextHop !== true) return [];
  return [{ kind: 'extendedNextHop', tuples: [{ afi: 1, safi: 1, nextHopAfi: 2 }] }];
}

function role(settings: SessionSettings): Capability[] {
  if (settings.role === undefined) return [];
  return [{ kind: 'role', value: roles.indexOf(settings.role) }];
}

/**
 * Without a family the capability says only that we send End-of-RIB: the peer then keeps no routes of ours when
 * we are gone.
 */
function gracefulRestart(settings: SessionSettings, now: number): Capability[] {
  const { gracefulRestart: ours } = settings;
  if (ours.kind === 'off') return [];
  const isRestarter = ours.kind === 'families' && ours.restarter;
  return [
    {
      kind: 'gracefulRestart',
      restarting: isRestarter && now < (ours.restartingUntilMs ?? -Infinity),
      notification: ours.kind === 'families' && (ours.helper || ours.restarter),
      restartTimeSec: isRestarter ? ours.restartTimeSec : 0,
      families: forwardingFamilies(settings, isRestarter),
    },
  ];
}

/** RFC 9494 §3; without a family: we understand long-lived stale routes, and ours are not to be kept so. */
function longLived(settings: SessionSettings): Capability[] {
  const { gracefulRestart: ours } = settings;
  if (ours.kind !== 'families' || ours.longLivedSec === undefined) return [];
  const staleTimeSec = ours.longLivedSec;
  const offered = forwardingFamilies(settings, ours.restarter);
  return [
    {
      kind: 'longLivedGracefulRestart',
      families: offered.map((family) => ({ ...family, staleTimeSec })),
    },
  ];
}

/** The F bit is always set: a route server forwards nothing, so a restart loses no forwarding state. */
function forwardingFamilies(settings: SessionSettings, isRestarter: boolean) {
  if (!isRestarter) return [];
  return settings.families.map((family) => {
    const { afi, safi } = families[family];
    return { afi, safi, forwarding: true };
  });
}

function addPath(settings: SessionSettings): Capability[] {
  const mode = addPathMode(settings);
  if (mode === undefined) return [];
  const offered = settings.families.map((family) => {
    const { afi, safi } = families[family];
    return { afi, safi, mode };
  });
  return [{ kind: 'addPath', families: offered }];
}

function addPathMode(settings: SessionSettings): AddPathFamily['mode'] | undefined {
  const { receive, send } = settings.addPath;
  if (receive && send) return 'both';
  if (receive) return 'receive';
  return send ? 'send' : undefined;
}

function names({ hostname, softwareVersion }: SessionSettings): Capability[] {
  const capabilities: Capability[] = [];
  if (hostname !== undefined) capabilities.push(fqdn(hostname));
  if (softwareVersion !== undefined)
    capabilities.push({ kind: 'softwareVersion', version: softwareVersion });
  return capabilities;
}

function fqdn(hostname: string): Capability {
  const [host, ...domain] = hostname.split('.');
  return { kind: 'fqdn', host, domain: domain.join('.') };
}
