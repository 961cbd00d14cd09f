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
import { type Contender, maxPrefix, type RouteServerTask } from './contender.ts';
import { longestSliceMs } from './slices.ts';

const root = resolve(import.meta.dirname, '../../..');

/** Ours, as built; `nodeOptions` go to Node: a profiler's. */
export function fingerpost(nodeOptions: readonly string[]): Contender {
  const node = join(root, 'node_modules/.bin/node');
  const main = join(root, 'dist/main.js');
  return {
    make: 'fingerpost',
    program: node,
    versionArguments: [main, '--version'],
    isProfiled: nodeOptions.length > 0,
    launch: (task) => ({
      files: { 'fingerpost.yaml': fingerpostConfig(task) },
      argv: [node, ...nodeOptions, main, 'run', '-c', join(task.folder, 'fingerpost.yaml')],
    }),
    figures: async (folder) => ({ longestSliceMs: await longestSliceMs(socketIn(folder)) }),
  };
}

/** Validation, policy, limits and the API stay on; no gate, as nobody else has one. */
function fingerpostConfig(task: RouteServerTask): string {
  const { network, fromBits, toBits } = allowedPrefixes[task.family];
  const own = routeServerAddress[task.family];
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
start_gate: 0
policies:
  only_services:
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
peers:
${task.nodes.map((peer) => fingerpostPeer(peer, 'nodes')).join('\n')}
${task.routers.map((peer) => fingerpostPeer(peer, 'routers')).join('\n')}
`;
}

function socketIn(folder: string): string {
  return join(folder, 'control.sock');
}

function fingerpostPeer({ name, address }: Speaker, group: string): string {
  return `  - { name: ${name}, address: '${address}', group: ${group} }`;
}
