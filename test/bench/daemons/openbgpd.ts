import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  allowedPrefixes,
  nodeAs,
  routerAs,
  routeServerAddress,
  routeServerAs,
  routeServerId,
  type Speaker,
} from '../addresses.ts';
import {
  type Contender,
  maxPrefix,
  programPath,
  type RouteServerTask,
  unwantedCommunity,
} from './contender.ts';

/** OpenBGPD; without `rde med compare always` its decision takes a hundred times as long. */
export const openbgpd: Contender = {
  make: 'openbgpd',
  program: programPath('/usr/sbin/bgpd'),
  versionArguments: ['-V'],
  launch(task) {
    // Debian's build confines its child processes to this folder, which its unit creates at boot.
    mkdirSync('/run/openbgpd', { recursive: true });
    return {
      files: { 'openbgpd.conf': openbgpdConfig(task) },
      argv: ['/usr/sbin/bgpd', '-d', '-f', join(task.folder, 'openbgpd.conf')],
    };
  },
  reload: (folder) => ['/usr/sbin/bgpctl', '-s', join(folder, 'bgpd.sock'), 'reload'],
};

function openbgpdConfig(task: RouteServerTask): string {
  const { network, fromBits, toBits } = allowedPrefixes[task.family];
  const own = routeServerAddress[task.family];
  const lengths = fromBits === toBits ? `= ${fromBits}` : `${fromBits} - ${toBits}`;
  const shared = `
  local-address ${own}
  announce ${task.family === 'ipv6' ? 'IPv6' : 'IPv4'} unicast
  holdtime ${task.holdTimeSec}
  passive
  enforce neighbor-as no`;
  return `
AS ${routeServerAs}
router-id ${routeServerId}
socket "${join(task.folder, 'bgpd.sock')}"
listen on ${own}
fib-update no
nexthop qualify via default
rde med compare always
transparent-as yes
group "nodes" {
  remote-as ${nodeAs}${shared}
  max-prefix ${maxPrefix}
${task.nodes.map(openbgpdPeer).join('\n')}
}
group "routers" {
  remote-as ${routerAs}${shared}
${task.routers.map(openbgpdPeer).join('\n')}
}
deny from any
deny to any
allow from group "nodes" prefix ${network} prefixlen ${lengths}
allow to group "routers"
match to group "routers" set nexthop no-modify
${task.exchange === undefined ? '' : exchangeFilters(task)}
`;
}

/** In OpenBGPD, the last rule that matches decides. */
function exchangeFilters({ nodes, exchange }: RouteServerTask): string {
  const refused = exchange?.refused;
  return `${refused === undefined ? '' : `deny from group "nodes" community ${refused}`}
allow to group "nodes"
match to group "nodes" set nexthop no-modify
${nodes.map((node) => `deny to ${node.address} community ${unwantedCommunity(node)}`).join('\n')}`;
}

function openbgpdPeer({ name, address }: Speaker): string {
  return `  neighbor ${address} { descr "${name}" }`;
}
