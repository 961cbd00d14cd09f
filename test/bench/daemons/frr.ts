import { join } from 'node:path';
import {
  allowedPrefixes,
  nodeAs,
  routerAs,
  routeServerAddress,
  routeServerAs,
  routeServerId,
} from '../addresses.ts';
import { type Contender, maxPrefix, programPath, type RouteServerTask } from './contender.ts';

/** FRR's bgpd in a view, as in the lab; without `coalesce-time 0` its first table would be delayed. */
export const frr: Contender = {
  make: 'frr',
  program: programPath('/usr/lib/frr/bgpd'),
  versionArguments: ['--version'],
  launch: (task) => ({
    files: { 'bgpd.conf': frrConfig(task) },
    argv: [
      '/usr/lib/frr/bgpd',
      '-f',
      join(task.folder, 'bgpd.conf'),
      '-i',
      join(task.folder, 'bgpd.pid'),
      '--vty_socket',
      task.folder,
      '-l',
      routeServerAddress[task.family],
      '--no_zebra',
      '--no_kernel',
      '--skip_runas',
      '-P',
      '0',
      '--log',
      'stdout',
    ],
  }),
};

function frrConfig(task: RouteServerTask): string {
  const { family, holdTimeSec } = task;
  const { network, fromBits, toBits } = allowedPrefixes[family];
  const list = family === 'ipv6' ? 'ipv6' : 'ip';
  const lengths = fromBits === toBits ? `ge ${fromBits}` : `ge ${fromBits} le ${toBits}`;
  const timers = `timers ${Math.floor(holdTimeSec / 3)} ${holdTimeSec}`;
  return `
${list} prefix-list SERVICES permit ${network} ${lengths}
route-map IMPORT permit 10
 match ${family === 'ipv6' ? 'ipv6' : 'ip'} address prefix-list SERVICES
route-map NOTHING deny 10
route-map EVERYTHING permit 10
router bgp ${routeServerAs} view ROUTESERVER
 bgp router-id ${routeServerId}
 no bgp default ipv4-unicast
 bgp graceful-restart-disable
 coalesce-time 0
 neighbor NODES peer-group
 neighbor NODES remote-as ${nodeAs}
 neighbor NODES ${timers}
 neighbor NODES passive
 neighbor ROUTERS peer-group
 neighbor ROUTERS remote-as ${routerAs}
 neighbor ROUTERS ${timers}
 neighbor ROUTERS passive
${task.nodes.map(({ address }) => ` neighbor ${address} peer-group NODES`).join('\n')}
${task.routers.map(({ address }) => ` neighbor ${address} peer-group ROUTERS`).join('\n')}
 address-family ${family} unicast
  neighbor NODES activate
  neighbor NODES route-server-client
  neighbor NODES maximum-prefix ${maxPrefix}
  neighbor NODES route-map IMPORT in
  neighbor NODES route-map NOTHING out
  neighbor ROUTERS activate
  neighbor ROUTERS route-server-client
  neighbor ROUTERS attribute-unchanged next-hop
  neighbor ROUTERS route-map NOTHING in
  neighbor ROUTERS route-map EVERYTHING out
 exit-address-family
!
line vty
`;
}
