import { join } from 'node:path';
import { freePort } from '#support/free-port.ts';
import {
  asOf,
  type Case,
  daemonAs,
  daemonRouterId,
  type Family,
  type PeerProfile,
} from '../case.ts';
import type { PlannedPeer } from '../world.ts';
import type { Candidate, Setup } from './candidate.ts';
import { launch } from './launch.ts';
import { line, programPath } from './text.ts';

/** BIRD 2 as a route server. */
export const bird: Candidate = {
  make: 'bird',
  program: programPath('bird'),
  answersAtOnce: false,
  patienceSec: 3,
  unfit,
  async launch(setup) {
    const port = await freePort();
    const config = { file: 'bird.conf', text: configText(setup, port) };
    const files = ['-c', join(setup.folder, 'bird.conf'), '-s', join(setup.folder, 'bird.ctl')];
    return launch('bird', setup.folder, port, config, ['bird', '-f', ...files]);
  },
};

function unfit({ peers }: Case): string | undefined {
  const profiles = Object.values(peers);
  if (profiles.some(({ missingMed }) => missingMed !== undefined)) return 'no default MED';
  return undefined;
}

function configText(setup: Setup, port: number): string {
  return `
log stderr { error, fatal, bug };
router id ${daemonRouterId};
protocol device { }
# As its manual has it for GRACEFUL_SHUTDOWN.
filter gracefully { if (65535, 0) ~ bgp_community then bgp_local_pref = 0; accept; }
${setup.peers.map((peer) => peerText(peer, setup, port)).join('')}`;
}

function peerText({ name, address, profile }: PlannedPeer, setup: Setup, port: number): string {
  const { families = ['ipv4', 'ipv6'], isDialled, localAs, isRsClient, role } = profile;
  const remotePort = isDialled === true ? ` port ${setup.dialPort}` : '';
  return `
protocol bgp ${name} {
  local ${setup.address} port ${port} as ${localAs ?? daemonAs};
  neighbor ${address}${remotePort} as ${asOf(profile)};
  multihop;
  hold time ${profile.holdTimeSec ?? 90};
  error wait time 1, 2; connect delay time 1; connect retry time 2;
  enable extended messages on;
  ${line('passive;', isDialled !== true)}
  ${line('rs client;', isRsClient !== false)}
  ${line(`local role ${roleNames[role ?? 'rs']};`, role)}
  graceful restart aware;
  ${line('enforce first as;', (profile.enforceFirstAs ?? true) && isRsClient !== false)}
  ${line('interpret communities off;', profile.interpretsCommunities !== true)}
  ${families.map((family) => channelText(family, profile)).join('\n  ')}
}
`;
}

const roleNames = { rs: 'rs_server', provider: 'provider', customer: 'customer', peer: 'peer' };

function channelText(family: Family, profile: PeerProfile): string {
  const { routes = 'in', addPath, limit, receivedLimit } = profile;
  const actions = { block: 'block', warning: 'warn', restart: 'restart', shutdown: 'disable' };
  return [
    `${family} {`,
    routes === 'out' ? 'import none;' : 'import filter gracefully;',
    routes === 'in' ? 'export none;' : 'export all;',
    line(`add paths ${addPath === 'send' ? 'tx' : 'rx'};`, addPath),
    line(`import limit ${limit?.limit} action ${actions[limit?.action ?? 'block']};`, limit),
    line(
      `receive limit ${receivedLimit?.limit} action ${actions[receivedLimit?.action ?? 'block']};`,
      receivedLimit,
    ),
    '};',
  ].join(' ');
}
