import { join } from 'node:path';
import {
  allowedPrefixes,
  routeServerAddress,
  routeServerAs,
  routeServerId,
  type Speaker,
} from '../addresses.ts';
import { type Contender, maxPrefix, programPath, type RouteServerTask } from './contender.ts';

/** BIRD 2, as its manual and the lab have it: `rs client` keeps path, next hop and MED. */
export const bird: Contender = {
  make: 'bird',
  program: programPath('bird'),
  versionArguments: ['--version'],
  launch: (task) => ({
    files: { 'bird.conf': birdConfig(task) },
    argv: ['bird', '-f', '-c', join(task.folder, 'bird.conf'), '-s', join(task.folder, 'ctl')],
  }),
};

function birdConfig(task: RouteServerTask): string {
  const { network, fromBits, toBits } = allowedPrefixes[task.family];
  return `
log stderr { warning, error, fatal, bug };
router id ${routeServerId};
protocol device { }
filter only_services { if net ~ [ ${network}{${fromBits},${toBits}} ] then accept; reject; }
template bgp NODE {
  local ${routeServerAddress[task.family]} as ${routeServerAs};
  rs client; passive; hold time ${task.holdTimeSec};
  ${task.family} {
    import filter only_services; export none;
    import limit ${maxPrefix} action restart;
  };
}
template bgp ROUTER {
  local ${routeServerAddress[task.family]} as ${routeServerAs};
  rs client; passive; hold time ${task.holdTimeSec};
  ${task.family} { import none; export all; };
}
${task.nodes.map((peer) => birdPeer(peer, 'NODE')).join('\n')}
${task.routers.map((peer) => birdPeer(peer, 'ROUTER')).join('\n')}
`;
}

function birdPeer({ name, address, as }: Speaker, template: string): string {
  return `protocol bgp ${name} from ${template} { neighbor ${address} as ${as}; }`;
}
