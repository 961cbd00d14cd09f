import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '#support/free-port.ts';
import { asOf, type Case, daemonAs, daemonRouterId } from '../case.ts';
import type { PlannedPeer } from '../world.ts';
import type { Candidate, Setup } from './candidate.ts';
import { launch } from './launch.ts';
import { line, programPath } from './text.ts';

/** OpenBGPD, transparent. */
export const openbgpd: Candidate = {
  make: 'openbgpd',
  program: programPath('/usr/sbin/bgpd'),
  answersAtOnce: false,
  patienceSec: 3,
  unfit,
  async launch(setup) {
    // Debian's build confines its child processes to this folder, which its unit creates at boot.
    mkdirSync('/run/openbgpd', { recursive: true });
    const port = await freePort();
    const config = { file: 'openbgpd.conf', text: configText(setup, port) };
    const argv = ['/usr/sbin/bgpd', '-d', '-f', join(setup.folder, 'openbgpd.conf')];
    return launch('openbgpd', setup.folder, port, config, argv);
  },
};

function unfit({ peers }: Case): string | undefined {
  const profiles = Object.values(peers);
  if (profiles.some(({ missingMed }) => missingMed !== undefined)) return 'no default MED';
  // Version 7.7 passes on nothing for a while after it has lost such a session.
  if (profiles.some(({ isRestartHelper }) => isRestartHelper))
    return 'stalls while it keeps routes';
  if (profiles.some(({ receivedLimit }) => receivedLimit !== undefined)) return 'one limit only';
  if (profiles.some(({ limit }) => limit?.action === 'block' || limit?.action === 'warning')) {
    return 'its limits end the session';
  }
  if (profiles.some(({ isRsClient }) => isRsClient === false)) return 'transparent for all or none';
  return undefined;
}

function configText(setup: Setup, port: number): string {
  return `
AS ${daemonAs}
router-id ${daemonRouterId}
socket "${join(setup.folder, 'bgpd.sock')}"
listen on ${setup.address} port ${port}
fib-update no
nexthop qualify via default
transparent-as yes
${setup.peers.map((peer) => neighborText(peer, setup)).join('')}
deny from any
deny to any
${setup.peers.map(filterText).join('')}
# As in the example that comes with it.
match from any community GRACEFUL_SHUTDOWN set { localpref 0 }
`;
}

function neighborText({ name, address, profile }: PlannedPeer, setup: Setup): string {
  const { families = ['ipv4', 'ipv6'], holdTimeSec = 90, isDialled, addPath, role } = profile;
  const roles = { rs: 'rs', provider: 'provider', customer: 'customer', peer: 'peer' };
  return `
neighbor ${address} {
  descr "${name}"
  remote-as ${asOf(profile)}
  ${line(`local-as ${profile.localAs}`, profile.localAs)}
  local-address ${setup.address}
  multihop 10
  ${line(`holdtime ${holdTimeSec}`, holdTimeSec > 0)}
  ${line('passive', isDialled !== true)}
  ${line(`port ${setup.dialPort}`, isDialled)}
  announce IPv4 ${families.includes('ipv4') ? 'unicast' : 'none'}
  announce IPv6 ${families.includes('ipv6') ? 'unicast' : 'none'}
  announce enhanced refresh yes
  announce restart ${profile.isRestartHelper === true ? 'yes' : 'no'}
  enforce neighbor-as ${(profile.enforceFirstAs ?? true) ? 'yes' : 'no'}
  ${line('announce add-path recv yes', addPath === 'receive')}
  ${line('announce add-path send all', addPath === 'send')}
  ${line(`announce policy ${roles[role ?? 'rs']}`, role)}
  ${line(`max-prefix ${profile.limit?.limit}`, profile.limit)}
  ${line('reject as-set yes', profile.allowAsSets !== true)}
}
`;
}

function filterText({ address, profile }: PlannedPeer): string {
  const { routes = 'in' } = profile;
  return (
    line(`allow from ${address}`, routes !== 'out') +
    line(`allow to ${address}`, routes !== 'in') +
    line(`match to ${address} set nexthop no-modify`, routes !== 'in')
  );
}
