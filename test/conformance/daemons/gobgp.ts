import { join } from 'node:path';
import { freePort } from '#support/free-port.ts';
import { asOf, type Case, daemonAs, daemonRouterId, type Family } from '../case.ts';
import type { PlannedPeer } from '../world.ts';
import type { Candidate, Setup } from './candidate.ts';
import { launch } from './launch.ts';
import { line, programPath } from './text.ts';

/** GoBGP with route-server clients. */
export const gobgp: Candidate = {
  make: 'gobgp',
  program: programPath('gobgpd'),
  answersAtOnce: false,
  patienceSec: 4,
  unfit,
  async launch(setup) {
    const port = await freePort();
    const api = await freePort();
    const config = { file: 'gobgpd.toml', text: configText(setup, port) };
    const files = ['-f', join(setup.folder, 'gobgpd.toml'), '-p', '--log-level', 'error'];
    const ways = ['--pprof-disable', '--api-hosts', `127.0.0.1:${api}`];
    return launch('gobgpd', setup.folder, port, config, ['gobgpd', ...files, ...ways]);
  },
};

function unfit({ peers }: Case): string | undefined {
  const profiles = Object.values(peers);
  if (profiles.some(({ missingMed }) => missingMed !== undefined)) return 'no default MED';
  if (profiles.some(({ receivedLimit }) => receivedLimit !== undefined)) return 'one limit only';
  if (profiles.some(({ limit }) => limit !== undefined && limit.action !== 'restart')) {
    return 'its limits only restart';
  }
  // Version 3.10 hangs for good if a route-server client may be sent several paths.
  if (profiles.some(({ addPath }) => addPath === 'send')) return 'no ADD-PATH to such clients';
  if (profiles.some(({ role }) => role !== undefined)) return 'no roles';
  return undefined;
}

function configText(setup: Setup, port: number): string {
  return `
[global.config]
  as = ${daemonAs}
  router-id = "${daemonRouterId}"
  port = ${port}
  local-address-list = ["${setup.address}"]
${setup.peers.map((peer) => neighborText(peer, setup)).join('')}
`;
}

function neighborText({ address, profile }: PlannedPeer, setup: Setup): string {
  const { routes = 'in', holdTimeSec = 90, isDialled, localAs, isRsClient } = profile;
  return `
[[neighbors]]
  [neighbors.config]
    neighbor-address = "${address}"
    peer-as = ${asOf(profile)}
    ${line(`local-as = ${localAs}`, localAs)}
  [neighbors.transport.config]
    passive-mode = ${isDialled !== true}
    local-address = "${setup.address}"
    ${line(`remote-port = ${setup.dialPort}`, isDialled)}
  [neighbors.ebgp-multihop.config]
    enabled = true
    multihop-ttl = 10
  [neighbors.route-server.config]
    route-server-client = ${isRsClient !== false}
  [neighbors.graceful-restart.config]
    enabled = ${profile.isRestartHelper === true}
    helper-only = true
    notification-enabled = true
    restart-time = 120
  [neighbors.timers.config]
    hold-time = ${holdTimeSec}
    keepalive-interval = ${Math.floor(holdTimeSec / 3)}
    connect-retry = 1
  [neighbors.apply-policy.config]
    default-import-policy = "${routes === 'out' ? 'reject' : 'accept'}-route"
    default-export-policy = "${routes === 'in' ? 'reject' : 'accept'}-route"
${(profile.families ?? ['ipv4', 'ipv6']).map((family) => familyText(family, profile)).join('')}`;
}

function familyText(family: Family, profile: PlannedPeer['profile']): string {
  const { addPath, limit, isRestartHelper } = profile;
  return `
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "${family}-unicast"
    [neighbors.afi-safis.mp-graceful-restart.config]
      enabled = ${isRestartHelper === true}
    ${line('[neighbors.afi-safis.add-paths.config]', addPath)}
    ${line('receive = true', addPath === 'receive')}
    ${line(`[neighbors.afi-safis.prefix-limit.config]\n      max-prefixes = ${limit?.limit}`, limit)}
`;
}
