import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import type { Host } from '#support/netns.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { ipv4Plan } from './plan.ts';
import { recipe } from './recipe-snippets.ts';

const [vip] = ipv4Plan.services;
const [w1, w2, w3] = ipv4Plan.nodes;

/** The recipe for MetalLB with the addresses of the lab, and the node of the recipe for keepalived. */
const config = (folder: string): string => `
router_id: 1.1.1.9
local_as: 65002
control: { socket: ${join(folder, 'control.sock')} }
http: { listen: 127.0.0.1:9179 }
start_gate: 0
${recipe('yaml', 'from_metallb').replace('192.0.2.12', w2.address)}
  - { name: W3, address: ${w3.address}, group: metallb, import: all }
`;

/** The configuration that a speaker of MetalLB 0.14 writes in FRR mode, for one service and one peer. */
function metallbConfig(address: string, routeServer: string): string {
  return `log stdout informational
ip nht resolve-via-default
ipv6 nht resolve-via-default
route-map ${routeServer}-in deny 20
ip prefix-list ${routeServer}-pl-ipv4 seq 1 permit ${vip}
ipv6 prefix-list ${routeServer}-pl-ipv4 seq 2 deny any
route-map ${routeServer}-out permit 1
  match ip address prefix-list ${routeServer}-pl-ipv4
route-map ${routeServer}-out permit 2
  match ipv6 address prefix-list ${routeServer}-pl-ipv4
router bgp 65001
  no bgp ebgp-requires-policy
  no bgp network import-check
  no bgp default ipv4-unicast
  bgp graceful-restart preserve-fw-state
  bgp router-id ${address}
  neighbor ${routeServer} remote-as 65002
  neighbor ${routeServer} ebgp-multihop
  neighbor ${routeServer} port 179
  neighbor ${routeServer} timers 30 90
  neighbor ${routeServer} timers connect 1
  neighbor ${routeServer} update-source ${address}
  address-family ipv4 unicast
    neighbor ${routeServer} activate
    neighbor ${routeServer} route-map ${routeServer}-in in
    neighbor ${routeServer} route-map ${routeServer}-out out
  exit-address-family
  address-family ipv4 unicast
    network ${vip}
  exit-address-family
`;
}

function startSpeaker(host: Host, address: string): void {
  const file = join(host.folder, 'frr.conf');
  writeFileSync(file, metallbConfig(address, ipv4Plan.routeServer));
  const folders = ['-i', join(host.folder, 'bgpd.pid'), '--vty_socket', host.folder];
  const alone = ['--no_zebra', '--no_kernel', '--skip_runas', '-P', '0', '--log', 'stdout'];
  host.start('frr', ['/usr/lib/frr/bgpd', '-f', file, ...folders, ...alone]);
}

describeInterop('the recipes of docs/recipes.md', ['exabgp', '/usr/lib/frr/bgpd'], () => {
  const stage = withLab(ipv4Plan, ({ routeServerHost: host }) => ({
    fingerpost: new Fingerpost(host, config(host.folder)),
  }));
  const hostOf = (name: string): Host => {
    const node = stage().lab.nodes.find(({ plan }) => plan.name === name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node.host;
  };

  it('accept the routes of MetalLB speakers, and rank them by the import policy', async () => {
    startSpeaker(hostOf('W1'), w1.address);
    startSpeaker(hostOf('W2'), w2.address);
    const paths = await waitFor(
      'a path from each speaker',
      () => stage().fingerpost.candidates(),
      (seen) => seen.length === 2,
    );
    expect(paths.map(({ prefix, peer, best, med }) => ({ prefix, peer, best, med }))).toEqual([
      { prefix: vip, peer: 'k1', best: true, med: 100 },
      { prefix: vip, peer: 'k2', best: false, med: 101 },
    ]);
  });

  it('announce an address by ExaBGP only while the node has it, as keepalived moves it', async () => {
    const host = hostOf('W3');
    const { fingerpost } = stage();
    const address = '198.51.100.77';
    startExabgp(host);
    const isThere = async (): Promise<boolean> =>
      (await fingerpost.candidates()).some(
        ({ prefix, peer }) => prefix === `${address}/32` && peer === 'W3',
      );
    await waitFor(
      'the session of W3',
      () => fingerpost.established(),
      (names) => names.includes('W3'),
    );
    expect(await isThere()).toBe(false);
    await host.run(['ip', 'addr', 'add', `${address}/32`, 'dev', 'lo']);
    await waitFor('the address to be announced', isThere, Boolean);
    await host.run(['ip', 'addr', 'del', `${address}/32`, 'dev', 'lo']);
    await waitFor('the address to be withdrawn', isThere, (seen) => !seen);
  });
});

/** The health check and its script from the recipe. */
function startExabgp(host: Host): void {
  const snippet = recipe('text', 'is-master');
  const run = /run (\/usr\/bin\/exabgp-healthcheck .*;)/.exec(snippet)?.[1];
  const script = /^#!\/bin\/sh\n[\s\S]*/m.exec(snippet)?.[0];
  if (run === undefined || script === undefined) throw new Error('the recipe has another form');
  const program = join(host.folder, 'is-master');
  writeFileSync(program, script, { mode: 0o755 });
  const file = join(host.folder, 'exabgp.conf');
  writeFileSync(
    file,
    `process keepalived { run ${run.replace('/etc/exabgp/is-master', program)} encoder text; }
neighbor ${ipv4Plan.routeServer} {
  router-id ${w3.routerId};
  local-address ${w3.address};
  local-as 65001;
  peer-as 65002;
  api { processes [ keepalived ]; }
}
`,
  );
  host.start('exabgp', ['exabgp', file], {
    env: { exabgp_daemon_user: 'root', exabgp_api_cli: 'false' },
  });
}
