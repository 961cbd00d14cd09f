import { join } from 'node:path';
import {
  allowedPrefixes,
  routeServerAddress,
  routeServerAs,
  routeServerId,
  type Speaker,
} from '../addresses.ts';
import { type Contender, maxPrefix, programPath, type RouteServerTask } from './contender.ts';

/** GoBGP with route-server clients, as its documentation describes. */
export const gobgp: Contender = {
  make: 'gobgp',
  program: programPath('gobgpd'),
  versionArguments: ['--version'],
  launch: (task) => ({
    files: { 'gobgpd.toml': gobgpConfig(task) },
    argv: [
      'gobgpd',
      '-f',
      join(task.folder, 'gobgpd.toml'),
      '-p',
      '--log-level',
      'error',
      '--pprof-disable',
      '--api-hosts',
      '127.0.0.1:50051',
    ],
  }),
};

function gobgpConfig(task: RouteServerTask): string {
  const { network, fromBits, toBits } = allowedPrefixes[task.family];
  return `
[global.config]
  as = ${routeServerAs}
  router-id = "${routeServerId}"
  local-address-list = ["${routeServerAddress[task.family]}"]
[[defined-sets.prefix-sets]]
  prefix-set-name = "services"
  [[defined-sets.prefix-sets.prefix-list]]
    ip-prefix = "${network}"
    masklength-range = "${fromBits}..${toBits}"
[[policy-definitions]]
  name = "only-services"
  [[policy-definitions.statements]]
    [policy-definitions.statements.conditions.match-prefix-set]
      prefix-set = "services"
    [policy-definitions.statements.actions]
      route-disposition = "accept-route"
${task.nodes.map((peer) => gobgpPeer(task, peer, nodePolicy)).join('')}
${task.routers.map((peer) => gobgpPeer(task, peer, routerPolicy)).join('')}
`;
}

/**
 * For a route-server client "import" means into the table and "export" out of it, as for any peer. This was tried with
 * gobgpd 3.10: the service prefixes of a node reach the routers, its others reach no peer, and the nodes are sent
 * nothing.
 */
const nodePolicy = `
    import-policy-list = ["only-services"]
    default-import-policy = "reject-route"
    default-export-policy = "reject-route"`;

const routerPolicy = `
    default-import-policy = "reject-route"
    default-export-policy = "accept-route"`;

function gobgpPeer(task: RouteServerTask, { address, as }: Speaker, policy: string): string {
  return `
[[neighbors]]
  [neighbors.config]
    neighbor-address = "${address}"
    peer-as = ${as}
  [neighbors.transport.config]
    passive-mode = true
    local-address = "${routeServerAddress[task.family]}"
  [neighbors.route-server.config]
    route-server-client = true
  [neighbors.timers.config]
    hold-time = ${task.holdTimeSec}
    keepalive-interval = ${Math.floor(task.holdTimeSec / 3)}
  [neighbors.apply-policy.config]${policy}
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "${task.family}-unicast"
    [neighbors.afi-safis.prefix-limit.config]
      max-prefixes = ${maxPrefix}
`;
}
