import { birdBfd } from './bfd-config.ts';
import {
  type HostPlan,
  nodeAs,
  nodes,
  routerAs,
  type RouterPlan,
  routers,
  routeServerAs,
  routeServers,
} from './plan.ts';

/** R1, outside: it announces one prefix and requests the service. */
export function clientConfig(host: HostPlan): string {
  return `${head(host)}
protocol kernel { ipv6 { import none; export where source = RTS_BGP; }; }
protocol static { ipv6; route 2001:db8:2000::/40 unreachable; }
template bgp EDGE {
  local as 64511;
  ${impatience}
  ipv6 { import all; export where source = RTS_STATIC; };
}
protocol bgp ER2 from EDGE { neighbor 2001:db8:1000::2 as 64496; }
protocol bgp ER3 from EDGE { neighbor 2001:db8:1000::3 as 64496; }
`;
}

/** ER2 or ER3: BGP to the outside, and the origin of the default route for the inside. */
export function edgeRouterConfig(router: RouterPlan, other: RouterPlan, hasBfd = false): string {
  return `${head(router)}
protocol kernel { ipv6 { import none; export where net != ::/0; }; }
protocol static {
  ipv6;
  route ::/0 via 2001:db8:1000::1;
  route 2001:db8:30::/64 blackhole;
  route 2001:db8::/40 unreachable;
}
protocol ospf v3 INTERNAL {
  ipv6 { import all; export where source = RTS_STATIC; };
  area 0 { interface "eth1" { ${ospfTimers} }; };
}
protocol bgp R1 {
  local as 64496;
  neighbor 2001:db8:1000::1 as 64511;
  ${impatience}
  ipv6 { import all; export where source = RTS_STATIC && net != ::/0; };
}
protocol bgp ${other.name} {
  local as 64496;
  neighbor ${other.address} as 64496;
  ${impatience}
  ipv6 { import all; export all; next hop self; };
}
${routeServerSessions(router, hasBfd)}`;
}

/** DR6, DR7 or DR8: the router in front of a node. */
export function dataRouterConfig(router: RouterPlan, hasBfd = false): string {
  // W1 is farther away than the others, to show that no route server decides a tie by distance.
  const cost = router.name === 'DR6' ? 'cost 20;' : '';
  return `${head(router)}
protocol kernel { ipv6 { import none; export all; }; }
protocol ospf v3 INTERNAL {
  ipv6 { import all; export none; };
  area 0 {
    interface "eth0" { ${ospfTimers} };
    interface "eth1" { stub; ${cost} };
  };
}
${routeServerSessions(router, hasBfd)}`;
}

/**
 * RS4, which RS9 observes. Its infrastructure routes are in a table of their own; priority 0: it is no designated
 * router.
 */
export function birdRouteServerConfig(host: HostPlan, hasBfd = false): string {
  const [own] = routeServers;
  return `${head(host)}
${hasBfd ? birdBfd : ''}
ipv6 table infra;
protocol kernel { ipv6 { table infra; import none; export all; }; }
protocol ospf v3 INTERNAL {
  ipv6 { table infra; import all; export none; };
  area 0 { interface "eth0" { priority 0; ${ospfTimers} }; };
}
filter only_loopbacks { if net ~ [ 2001:db8:30::/64{128,128} ] then accept; reject; }
template bgp INFRABGP {
  local as ${routeServerAs};
  rs client;
  hold time 6;
  ${bfdOn(hasBfd)}
  ${impatience}
  ipv6 { import none; export all; };
}
template bgp EXABGP {
  local as ${routeServerAs};
  rs client;
  multihop 10;
  hold time 6;
  ${farBfdOn(hasBfd, own.address)}
  error wait time 2, 5; error forget time 10;
  igp metric off;
  ipv6 { igp table infra; import filter only_loopbacks; export none; import limit 10 action restart; };
}
${routers.map(({ name, address }) => session(name, 'INFRABGP', address, routerAs)).join('\n')}
${session('RS9', 'INFRABGP', routeServers[2].address, routerAs)}
${nodes.map(({ name, address }) => session(name, 'EXABGP', address, nodeAs)).join('\n')}
`;
}

const ospfTimers = 'hello 1; dead 4; wait 2;';

/** The defaults (5, 120, 60 to 300 s) would make each return a matter of minutes. */
const impatience = 'connect delay time 1; connect retry time 3; error wait time 1, 4;';

/**
 * The hold time is 6 and not BIRD's 240, because a router keeps the routes of a dead route server for that long. RS5 is
 * behind DR8; `routes` in the log shows when each route server's update arrived.
 */
function routeServerSessions(router: RouterPlan, hasBfd: boolean): string {
  return `
${hasBfd ? birdBfd : ''}
template bgp RS {
  local as ${routerAs};
  hold time 6;
  ${bfdOn(hasBfd)}
  ${impatience}
  debug { states, routes };
  ipv6 { import all; export none; gateway recursive; };
}
${routeServers
  .map(({ name, address }) => {
    const hops = name === 'RS5' ? ` multihop 4; ${farBfdOn(hasBfd, router.address)}` : '';
    return `protocol bgp ${name} from RS { neighbor ${address} as ${routeServerAs};${hops} }`;
  })
  .join('\n')}
`;
}

/** Across routers BIRD must know its own address. */
function farBfdOn(hasBfd: boolean, ownAddress: string): string {
  return hasBfd ? `source address ${ownAddress}; bfd on;` : '';
}

function bfdOn(hasBfd: boolean): string {
  return hasBfd ? 'bfd on;' : '';
}

function head({ number }: HostPlan): string {
  return `log stderr all;
timeformat log iso long ms;
router id 1.1.1.${number};
protocol device { scan time 1; }`;
}

function session(name: string, template: string, address: string, as: number): string {
  return `protocol bgp ${name} from ${template} { neighbor ${address} as ${as}; }`;
}
