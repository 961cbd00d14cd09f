import { frrBfdProfile } from './bfd-config.ts';
import {
  type HostPlan,
  nodeAs,
  nodes,
  routerAs,
  routers,
  routeServerAs,
  routeServers,
} from './plan.ts';

export const frrView = 'EXABGP';

/**
 * RS5, which RS9 observes: FRR's bgpd in a view, where every next hop counts as reachable; without BFD it runs without
 * zebra.
 */
export function frrRouteServerConfig(host: HostPlan, hasBfd = false): string {
  // bgpd has bfdd drop what came over more routers than this, whatever a profile says, and counts from 255: BIRD begins
  // at 64.
  const hops = hasBfd ? 255 : 10;
  const bfd = (group: string): string =>
    hasBfd ? `\n neighbor ${group} bfd\n neighbor ${group} bfd profile ${frrBfdProfile}` : '';
  const members = [
    ...nodes.map(({ address }) => ` neighbor ${address} peer-group EXABGP`),
    ...[...routers, routeServers[2]].map(({ address }) => ` neighbor ${address} peer-group R`),
  ];
  // Route maps first: a neighbor that names one not yet there refuses all for 5 s, and ExaBGP does not
  // repeat what was refused. Without graceful-restart-disable BIRD's routers keep the routes of a dead RS5; without
  // attribute-unchanged RS5 puts itself in as next hop; without compare-routerid age decides a tie.
  return `log stdout
ipv6 prefix-list LOOPBACKS seq 5 permit 2001:db8:30::/64 ge 128 le 128
route-map LOOPBACKS permit 10
 match ipv6 address prefix-list LOOPBACKS
route-map EVERYTHING permit 10
route-map NOTHING deny 10
router bgp ${routeServerAs} view ${frrView}
 bgp router-id 1.1.1.${host.number}
 no bgp default ipv4-unicast
 bgp graceful-restart-disable
 bgp bestpath compare-routerid
 neighbor EXABGP peer-group
 neighbor EXABGP remote-as ${nodeAs}
 neighbor EXABGP ebgp-multihop ${hops}
 neighbor EXABGP timers 2 6${bfd('EXABGP')}
 neighbor R peer-group
 neighbor R remote-as ${routerAs}
 neighbor R ebgp-multihop ${hops}
 neighbor R timers 2 6
 neighbor R timers connect 3${bfd('R')}
${members.join('\n')}
 address-family ipv6 unicast
  neighbor EXABGP activate
  neighbor EXABGP route-server-client
  neighbor EXABGP maximum-prefix 10
  neighbor EXABGP route-map LOOPBACKS in
  neighbor EXABGP route-map NOTHING out
  neighbor R activate
  neighbor R route-server-client
  neighbor R attribute-unchanged next-hop
  neighbor R route-map NOTHING in
  neighbor R route-map EVERYTHING out
 exit-address-family
line vty
`;
}
