import { join } from 'node:path';
import { freePort } from '#support/free-port.ts';
import { asOf, type Case, daemonAs, daemonRouterId, type Family } from '../case.ts';
import type { PlannedPeer } from '../world.ts';
import type { Candidate, Setup } from './candidate.ts';
import { launch } from './launch.ts';
import { line, programPath } from './text.ts';

/** FRR's bgpd with route-server clients in a view, without zebra. */
export const frr: Candidate = {
  make: 'frr',
  program: programPath('/usr/lib/frr/bgpd'),
  answersAtOnce: false,
  patienceSec: 4,
  unfit,
  async launch(setup) {
    const port = await freePort();
    const config = { file: 'bgpd.conf', text: configText(setup) };
    const files = ['-f', join(setup.folder, 'bgpd.conf'), '-i', join(setup.folder, 'bgpd.pid')];
    const places = ['--vty_socket', setup.folder, '-l', setup.address, '-p', String(port)];
    const ways = ['--no_zebra', '--no_kernel', '--skip_runas', '-P', '0', '--log', 'stdout'];
    const argv = ['/usr/lib/frr/bgpd', ...files, ...places, ...ways];
    return launch('frr', setup.folder, port, config, argv);
  },
};

function unfit({ peers }: Case): string | undefined {
  const profiles = Object.values(peers);
  if (profiles.some(({ missingMed }) => missingMed !== undefined)) return 'no default MED';
  if (profiles.some(({ receivedLimit }) => receivedLimit !== undefined)) return 'one limit only';
  if (profiles.some(({ limit }) => limit?.action === 'block')) return 'its limits do not block';
  return undefined;
}

function configText(setup: Setup): string {
  const { peers } = setup;
  return `
log stdout
route-map EVERYTHING permit 10
route-map NOTHING deny 10
router bgp ${daemonAs} view ROUTESERVER
 bgp router-id ${daemonRouterId}
 no bgp default ipv4-unicast
 bgp bestpath compare-routerid
 coalesce-time 0
${peers.map((peer) => neighborText(peer, setup)).join('')}
${(['ipv4', 'ipv6'] as const).map((family) => familyText(family, peers)).join('')}
!
line vty
`;
}

function neighborText({ address, profile }: PlannedPeer, setup: Setup): string {
  const { holdTimeSec = 90, isDialled, localAs, role } = profile;
  const neighbor = ` neighbor ${address}`;
  const roles = { rs: 'rs-server', provider: 'provider', customer: 'customer', peer: 'peer' };
  return [
    `${neighbor} remote-as ${asOf(profile)}\n`,
    `${neighbor} timers ${Math.floor(holdTimeSec / 3)} ${holdTimeSec}\n`,
    `${neighbor} timers connect 1\n`,
    `${neighbor} ebgp-multihop 10\n`,
    line(`${neighbor} passive`, isDialled !== true),
    line(`${neighbor} port ${setup.dialPort}`, isDialled),
    line(`${neighbor} local-as ${localAs}`, localAs),
    line(`${neighbor} enforce-first-as`, profile.enforceFirstAs ?? true),
    line(`${neighbor} local-role ${roles[role ?? 'rs']}`, role),
    line(`${neighbor} graceful-restart-helper`, profile.isRestartHelper),
    line(`${neighbor} graceful-restart-disable`, profile.isRestartHelper !== true),
  ].join('');
}

function familyText(family: Family, peers: readonly PlannedPeer[]): string {
  const members = peers.filter(({ profile }) =>
    (profile.families ?? ['ipv4', 'ipv6']).includes(family),
  );
  return ` address-family ${family} unicast
${members.map(memberText).join('')} exit-address-family
`;
}

function memberText({ address, profile }: PlannedPeer): string {
  const { routes = 'in', addPath, limit, isRsClient } = profile;
  const neighbor = `  neighbor ${address}`;
  const warning = limit?.action === 'warning' ? ' warning-only' : '';
  const restart = limit?.action === 'restart' ? ' restart 1' : '';
  return [
    `${neighbor} activate\n`,
    line(`${neighbor} route-server-client`, isRsClient !== false),
    line(`${neighbor} attribute-unchanged as-path next-hop med`, isRsClient !== false),
    `${neighbor} route-map ${routes === 'out' ? 'NOTHING' : 'EVERYTHING'} in\n`,
    `${neighbor} route-map ${routes === 'in' ? 'NOTHING' : 'EVERYTHING'} out\n`,
    line(`${neighbor} addpath-tx-all-paths`, addPath === 'send'),
    line(`${neighbor} maximum-prefix ${limit?.limit}${warning}${restart}`, limit),
  ].join('');
}
