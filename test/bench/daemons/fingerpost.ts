import { join, resolve } from 'node:path';
import {
  allowedPrefixes,
  nodeAs,
  routerAs,
  routeServerAddress,
  routeServerAs,
  routeServerId,
  type Speaker,
} from '../addresses.ts';
import { type Contender, maxPrefix, type RouteServerTask, unwantedCommunity } from './contender.ts';
import { loopFigures } from './loop-figures.ts';
import { loopSocket } from './loop-watch.ts';

const root = resolve(import.meta.dirname, '../../..');

/** Ours, as built. */
export const command: readonly string[] = [
  join(root, 'node_modules/.bin/node'),
  join(root, 'dist/main.js'),
];

/** `nodeOptions` are passed to Node, for a profiler. */
export function fingerpost(nodeOptions: readonly string[]): Contender {
  const [node, main] = command;
  return {
    make: 'fingerpost',
    program: node,
    versionArguments: [main, '--version'],
    isProfiled: nodeOptions.length > 0,
    launch: (task) => ({
      files: { 'fingerpost.yaml': fingerpostConfig(task) },
      argv: [node, ...nodeOptions, main, 'run', '-c', join(task.folder, 'fingerpost.yaml')],
    }),
    reload: (folder) => [node, main, '-s', socketIn(folder), 'reload'],
  };
}

/** Our daemon with a watch on its event loop, which costs a little, so it is only for the row of the longest slice. */
export function watchedFingerpost(): Contender {
  const watch = join(import.meta.dirname, 'loop-watch.ts');
  const asker = join(import.meta.dirname, '../load/requests.ts');
  return {
    ...fingerpost(['--import', watch]),
    isProfiled: false,
    ask: (folder) => [process.execPath, asker, socketIn(folder), join(folder, loopSocket)],
    figures: async (folder) => ({ ...(await loopFigures(join(folder, loopSocket))) }),
  };
}

/** Our daemon, which can be put into the state of one that has had nothing to do for long. */
export function ageingFingerpost(): Contender {
  const age = join(import.meta.dirname, 'age.ts');
  const plain = fingerpost(['--expose-gc', '--import', age]);
  return { ...plain, isProfiled: false, ageSignal: 'SIGUSR2' };
}

/** Validation, policy, limits and the API are on; there is no gate, because no other daemon has one. */
function fingerpostConfig(task: RouteServerTask): string {
  const { network, fromBits, toBits } = allowedPrefixes[task.family];
  const own = routeServerAddress[task.family];
  const refused = task.exchange?.refused;
  const listen = task.family === 'ipv6' ? `[${own}]:179` : `${own}:179`;
  const shared = `
    families: [${task.family}_unicast]
    hold_time: ${task.holdTimeSec}
    passive: true`;
  return `
router_id: ${routeServerId}
local_as: ${routeServerAs}
listen: ['${listen}']
control: { socket: ${socketIn(task.folder)} }
${task.httpListen === undefined ? '' : `http: { listen: '${task.httpListen}' }`}
${task.rtrCache === undefined ? '' : `rpki: { caches: [{ address: '${task.rtrCache}' }] }`}
${task.bmpCollector === undefined ? '' : `bmp: [{ address: '${task.bmpCollector}' }]`}
start_gate: 0
policies:
${task.exchange === undefined ? '' : task.nodes.map(memberPolicy).join('\n')}
  only_services:
${task.rtrCache === undefined ? '' : '    - { match: { rpki: invalid }, then: reject }'}
${refused === undefined ? '' : `    - { match: { community: '${refused}' }, then: reject }`}
    - match: { prefix: ['${network}{${fromBits},${toBits}}'] }
      then: accept
peer_groups:
  nodes:
    peer_as: ${nodeAs}
    import: only_services
    export: none
    max_prefix: { limit: ${maxPrefix}, action: restart }${shared}
  routers:
    peer_as: ${routerAs}
    import: none
    export: all${shared}
  watched:
    peer_as: ${nodeAs}
    import: only_services
    export: none
    bfd: { min_tx: 100ms, min_rx: 100ms, multiplier: 3 }${shared}
peers:
${task.nodes.map((peer) => fingerpostPeer(peer, 'nodes', task.exchange && toMember(peer))).join('\n')}
${task.routers.map((peer) => fingerpostPeer(peer, 'routers')).join('\n')}
${(task.bfdPeers ?? []).map((peer) => fingerpostPeer(peer, 'watched')).join('\n')}
`;
}

function socketIn(folder: string): string {
  return join(folder, 'control.sock');
}

function fingerpostPeer({ name, address }: Speaker, group: string, policy?: string): string {
  const own = policy === undefined ? '' : `, export: ${policy}`;
  return `  - { name: ${name}, address: '${address}', group: ${group}${own} }`;
}

function toMember({ name }: Speaker): string {
  return `to_${name}`;
}

function memberPolicy(member: Speaker): string {
  return `  ${toMember(member)}:
    - { match: { community: '${unwantedCommunity(member)}' }, then: reject }
    - { then: accept }`;
}
