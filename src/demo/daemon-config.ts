import { localAs, nodes, routers, routeServer } from './plan.ts';

export interface DaemonPlaces {
  readonly bgpPort: number;
  readonly httpPort: number;
  readonly controlSocket: string;
  readonly stateDir: string;
}

/** Returns the route server's configuration: deploy/examples/service-ha.yaml with the demo's addresses. */
export function daemonConfig({ bgpPort, httpPort, controlSocket, stateDir }: DaemonPlaces): string {
  return `# The route server of the demo: IPv6 routes over IPv4 sessions on the loopback.
router_id: ${routeServer.routerId}
local_as: ${localAs.routeServer}
listen: ["${routeServer.address}:${bgpPort}"]
http: { listen: "127.0.0.1:${httpPort}" }
control: { socket: ${JSON.stringify(controlSocket)} }
state_dir: ${JSON.stringify(stateDir)}
start_gate: { max_delay: 3s } # the first tables have the routes of all nodes, so nothing moves afterwards
log: { level: info, format: json }

policies:
  only_loopbacks:
    - name: service addresses
      match: { prefix: ["2001:db8:30::/64{128,128}"] }
      then: accept

peer_groups:
  nodes:
    description: announcer of the demo
    peer_as: ${localAs.nodes}
    families: [ipv6_unicast]
    import: only_loopbacks
    export: none
    accept_next_hop: ["2001:db8::/32"] # an IPv4 address cannot be the next hop of an IPv6 route
    max_prefix: { limit: 10, action: restart, restart_after: 60s }
    hold_time: 6
    passive: true # the nodes connect to us
  routers:
    description: router of the demo
    peer_as: ${localAs.routers}
    families: [ipv6_unicast]
    import: none
    export: all
    hold_time: 6
    passive: true

peers:
${nodes.map((node) => `  - { name: ${node.name}, address: ${node.address}, group: nodes, node: ${node.name.toLowerCase()}, site: ${node.site}, rack: ${node.rack} }`).join('\n')}
${routers.map((router) => `  - { name: ${router.name}, address: ${router.address}, group: routers }`).join('\n')}

services:
  - name: web
    prefix: ["2001:db8:30::/64{128,128}"]
    home: { "2001:db8:30::1/128": w3, "2001:db8:30::2/128": w2, "2001:db8:30::3/128": w1 }
    min_healthy: 2
`;
}
