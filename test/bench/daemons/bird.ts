import { join } from 'node:path';
import {
  allowedPrefixes,
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

/** BIRD 2, configured as in its manual and in the lab: `rs client` keeps path, next hop and MED. */
export const bird: Contender = {
  make: 'bird',
  program: programPath('bird'),
  versionArguments: ['--version'],
  launch: (task) => ({
    files: { 'bird.conf': birdConfig(task) },
    argv: ['bird', '-f', '-c', join(task.folder, 'bird.conf'), '-s', join(task.folder, 'ctl')],
  }),
  reload: (folder) => ['birdc', '-s', join(folder, 'ctl'), 'configure'],
};

function birdConfig(task: RouteServerTask): string {
  const { network, fromBits, toBits } = allowedPrefixes[task.family];
  const { exchange, family } = task;
  const refused = exchange?.refused;
  return `
log stderr { warning, error, fatal, bug };
router id ${routeServerId};
protocol device { }
filter only_services {
${refused === undefined ? '' : `  if ${communityTest(refused)} then reject;`}
  if net ~ [ ${network}{${fromBits},${toBits}} ] then accept; reject;
}
template bgp NODE {
  local ${routeServerAddress[task.family]} as ${routeServerAs};
  rs client; passive; hold time ${task.holdTimeSec};
  ${task.family} {
    import filter only_services; ${exchange === undefined ? 'export none' : 'import table yes'};
    import limit ${maxPrefix} action restart;
  };
}
template bgp ROUTER {
  local ${routeServerAddress[task.family]} as ${routeServerAs};
  rs client; passive; hold time ${task.holdTimeSec};
  ${task.family} { import none; export all; };
}
${task.nodes.map((peer) => (exchange === undefined ? birdPeer(peer, 'NODE') : birdMember(peer, family))).join('\n')}
${task.routers.map((peer) => birdPeer(peer, 'ROUTER')).join('\n')}
`;
}

function birdPeer({ name, address, as }: Speaker, template: string): string {
  return `protocol bgp ${name} from ${template} { neighbor ${address} as ${as}; }`;
}

/** Writes 65002:7 as BIRD expects it. */
function communityTest(community: string): string {
  return `(${community.replace(':', ',')}) ~ bgp_community`;
}

function birdMember(member: Speaker, family: string): string {
  const { name, address, as } = member;
  const unwanted = communityTest(unwantedCommunity(member));
  return `filter to_${name} { if ${unwanted} then reject; accept; }
protocol bgp ${name} from NODE {
  neighbor ${address} as ${as};
  ${family} { import filter only_services; import table yes; export filter to_${name}; };
}`;
}
