import { type AfiSafi, type Capability, capabilityCode, roles } from './capability.ts';
import { families, familyOf } from './constants.ts';

/** A capability as JSON shows it; `value` is left out if there is none. */
export interface CapabilityDescription {
  readonly code: number;
  readonly name: string;
  readonly value?: unknown;
}

const names: Readonly<Record<Capability['kind'], string>> = {
  multiprotocol: 'multiprotocol',
  routeRefresh: 'route_refresh',
  extendedNextHop: 'extended_next_hop',
  extendedMessage: 'extended_message',
  role: 'role',
  gracefulRestart: 'graceful_restart',
  as4: 'as4',
  addPath: 'add_path',
  enhancedRouteRefresh: 'enhanced_route_refresh',
  longLivedGracefulRestart: 'long_lived_graceful_restart',
  fqdn: 'fqdn',
  softwareVersion: 'software_version',
  oldRouteRefresh: 'old_route_refresh',
  unknown: 'unknown',
};

/** Describes a capability; a family that is not supported is named by its numbers, `25/65`. */
export function describeCapability(capability: Capability): CapabilityDescription {
  const code = capabilityCode(capability);
  const value = valueOf(capability);
  const name = names[capability.kind];
  return value === undefined ? { code, name } : { code, name, value };
}

/** Returns `ipv6_unicast`, or AFI and SAFI as numbers. */
export function describeFamily({ afi, safi }: AfiSafi): string {
  const family = familyOf(afi, safi);
  return family === undefined ? `${afi}/${safi}` : families[family].name;
}

function valueOf(capability: Capability): unknown {
  switch (capability.kind) {
    case 'routeRefresh':
    case 'oldRouteRefresh':
    case 'extendedMessage':
    case 'enhancedRouteRefresh':
      return undefined;
    case 'multiprotocol':
      return describeFamily(capability);
    case 'extendedNextHop':
      return capability.tuples.map((tuple) => ({
        family: describeFamily(tuple),
        next_hop_afi: tuple.nextHopAfi,
      }));
    case 'role':
      return roles.at(capability.value) ?? capability.value;
    case 'gracefulRestart':
      return {
        restarting: capability.restarting,
        notification: capability.notification,
        restart_time_s: capability.restartTimeSec,
        families: capability.families.map((family) => ({
          family: describeFamily(family),
          forwarding: family.forwarding,
        })),
      };
    case 'as4':
      return capability.asn;
    case 'addPath':
      return capability.families.map((family) => ({
        family: describeFamily(family),
        mode: family.mode,
      }));
    case 'longLivedGracefulRestart':
      return capability.families.map((family) => ({
        family: describeFamily(family),
        forwarding: family.forwarding,
        stale_time_s: family.staleTimeSec,
      }));
    case 'fqdn':
      return { host: capability.host, domain: capability.domain };
    case 'softwareVersion':
      return capability.version;
    case 'unknown':
      return Array.from(capability.value, (octet) => octet.toString(16).padStart(2, '0')).join('');
    default:
      return capability satisfies never;
  }
}
