import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DoctorItem, DoctorListView } from '#api/views/doctor.ts';
import { Bird } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import { type Host, Network } from '#support/netns.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';

/** A peer with a mistake, played by a real daemon. */
interface Patient {
  readonly name: string;
  readonly what: string;
  /** Keys of the peer in our configuration. */
  readonly ours: string;
  readonly start: (host: Host, address: string) => unknown;
  /** What the doctor must find, among other things. */
  readonly codes: readonly string[];
}

const server = '192.0.2.9';
const service = '198.51.100.1/32';

/** BIRD 2 with one session; `bgp` goes into it, `outside` beside it. */
function bird(bgp: string, { as = 65001, rs = 65002, id = '', outside = '' } = {}) {
  return (host: Host, address: string) =>
    new Bird(
      host,
      `router id ${id === '' ? address : id};
protocol device {}
${outside}
protocol bgp server { local ${address} as ${as}; neighbor ${server} as ${rs}; connect delay time 1; connect retry time 1; error wait time 1, 2; ${bgp} }
`,
    );
}

const channel = 'ipv4 { import all; export all; };';

/** A route as BIRD announces it, without a MED. */
const announced = `protocol static { ipv4; route ${service} blackhole; }`;

/** FRR's bgpd without zebra; `lines` go into the neighbor's configuration. */
function frr(lines: readonly string[]) {
  return (host: Host, address: string) => {
    const file = join(host.folder, 'bgpd.conf');
    const neighbor = lines.map((line) => ` neighbor ${server} ${line}\n`).join('');
    writeFileSync(
      file,
      `router bgp 65001
 bgp router-id ${address}
 no bgp ebgp-requires-policy
 neighbor ${server} remote-as 65002
 neighbor ${server} timers connect 1
${neighbor}`,
    );
    const files = ['-f', file, '-i', join(host.folder, 'bgpd.pid'), '--vty_socket', host.folder];
    const alone = ['--no_zebra', '--no_kernel', '--skip_runas', '-P', '0', '--log', 'stdout'];
    return host.start('frr', ['/usr/lib/frr/bgpd', ...files, ...alone]);
  };
}

/** ExaBGP with static routes. */
function exabgp(routes: readonly string[]) {
  return (host: Host, address: string) => {
    const file = join(host.folder, 'exabgp.conf');
    writeFileSync(
      file,
      `neighbor ${server} {
  router-id ${address}; local-address ${address}; local-as 65001; peer-as 65002;
  static { ${routes.map((route) => `route ${route};`).join(' ')} }
}
`,
    );
    const env = { exabgp_daemon_user: 'root', exabgp_api_cli: 'false' };
    return host.start('exabgp', ['exabgp', file], { env });
  };
}

const patients: readonly Patient[] = [
  {
    name: 'WRONGAS',
    what: 'BIRD with another AS than is configured here',
    ours: '',
    start: bird(channel, { as: 65009 }),
    codes: ['wrong_peer_as'],
  },
  {
    name: 'OURAS',
    what: 'BIRD that expects another AS of us',
    ours: '',
    start: bird(channel, { rs: 65099 }),
    codes: ['wrong_local_as'],
  },
  {
    name: 'NOKEY',
    what: 'BIRD without the key that is configured here',
    ours: 'password: secret',
    start: bird(channel),
    codes: ['md5_differs'],
  },
  {
    name: 'KEY',
    what: 'BIRD with a key where none is configured here',
    ours: 'connect_retry: 1s',
    start: bird(`${channel} password "secret"; passive;`),
    codes: ['md5_missing_here'],
  },
  {
    name: 'TTL',
    what: 'BIRD that does not send TTL 255 where gtsm is asked for',
    ours: 'gtsm: true, connect_retry: 1s',
    start: bird(`${channel} multihop 2;`),
    codes: ['gtsm_suspected'],
  },
  {
    name: 'FAMILY',
    what: 'BIRD without the family that is meant',
    ours: 'families: [ipv6_unicast], accept_next_hop: any',
    start: bird(channel),
    codes: ['no_common_family'],
  },
  {
    name: 'HOLD',
    what: 'BIRD with a hold time below our least one',
    ours: 'min_hold_time: 30',
    start: bird(`${channel} hold time 9;`),
    codes: ['hold_time_refused'],
  },
  {
    name: 'OURID',
    what: 'BIRD with our router id',
    ours: '',
    start: bird(channel, { id: server }),
    codes: ['equal_router_ids'],
  },
  {
    name: 'TWIN1',
    what: 'BIRD with the router id of another peer',
    ours: '',
    start: bird(channel, { id: '10.9.9.9' }),
    codes: ['equal_router_ids'],
  },
  {
    name: 'TWIN2',
    what: 'the other one with that router id',
    ours: '',
    start: bird(channel, { id: '10.9.9.9' }),
    codes: ['equal_router_ids'],
  },
  {
    name: 'NOBODY',
    what: 'a host on which no BGP listens',
    ours: 'connect_retry: 1s, idle_hold: 1s',
    start: () => undefined,
    codes: ['dial_refused'],
  },
  {
    name: 'CLIENT',
    what: 'FRR as a client with a longer hold time than the nodes have',
    ours: 'import: none, export: all, hold_time: 180',
    start: frr(['timers 60 180']),
    codes: ['client_hold_time_longer'],
  },
  {
    name: 'NOMED',
    what: 'BIRD that announces without a MED',
    ours: 'hold_time: 6',
    start: bird(channel, { outside: announced }),
    codes: ['missing_med'],
  },
  {
    name: 'FIRSTAS',
    what: 'ExaBGP whose routes begin with another AS',
    ours: '',
    start: exabgp([`${service} next-hop self med 100 as-path [ 65077 65001 ]`]),
    codes: ['first_as', 'all_refused'],
  },
  {
    name: 'FOREIGN',
    what: 'ExaBGP with the next hop of somebody else',
    ours: '',
    start: exabgp([`${service} next-hop 192.0.2.200 med 100`]),
    codes: ['foreign_next_hop'],
  },
  {
    name: 'TIE1',
    what: 'ExaBGP with the MED of another node',
    ours: '',
    start: exabgp([
      '198.51.100.2/32 next-hop self med 100',
      '198.51.100.3/32 next-hop self med 100',
    ]),
    codes: ['tie', 'origin_differs'],
  },
  {
    name: 'TIE2',
    what: 'the other node with that MED, and with another ORIGIN',
    ours: '',
    start: exabgp([
      '198.51.100.2/32 next-hop self med 100',
      '198.51.100.3/32 next-hop self med 100 origin incomplete',
    ]),
    codes: ['tie', 'origin_differs'],
  },
  {
    name: 'NOEXPORT',
    what: 'ExaBGP whose routes carry NO_EXPORT',
    ours: '',
    start: exabgp([`${service} next-hop self med 100 community [ no-export ]`]),
    codes: ['no_export'],
  },
];

function addressOf(index: number): string {
  return `192.0.2.${11 + index}`;
}

function config(socket: string): string {
  const peers = patients.map(
    ({ name, ours }, index) =>
      `  - { group: all, name: ${name}, address: ${addressOf(index)}${ours === '' ? '' : `, ${ours}`} }`,
  );
  return `
router_id: ${server}
local_as: 65002
listen: ['${server}:179']
http: { listen: 127.0.0.1:9179 }
control: { socket: ${socket} }
start_gate: 0
peer_groups:
  all: { peer_as: 65001, import: all, families: [ipv4_unicast] }
peers:
${peers.join('\n')}
  - { name: RS4, address: 192.0.2.8, peer_as: 65002, local_as: 65003, observer: true }
`;
}

/** What is wrong between peers names them in its evidence. */
function isAbout({ peer, evidence }: DoctorItem, name: string): boolean {
  return peer === name || (peer === undefined && evidence.includes(name));
}

describeInterop('the doctor, with what people run', ['bird', 'exabgp', '/usr/lib/frr/bgpd'], () => {
  let network: Network;
  let routeServer: Fingerpost;

  beforeAll(() => {
    network = new Network();
    network.segment('lan');
    const host = network.host('rs');
    network.plug(host, 'eth0', 'lan', [`${server}/24`]);
    routeServer = new Fingerpost(host, config(join(host.folder, 'control.sock')));
    for (const [index, { name, start }] of patients.entries()) {
      const peer = network.host(name.toLowerCase());
      network.plug(peer, 'eth0', 'lan', [`${addressOf(index)}/24`]);
      start(peer, addressOf(index));
    }
  });
  afterAll(() => network.close());

  it.each(patients)('$name: $what', async ({ name, codes }) => {
    const { items } = await waitFor(
      codes.join(', '),
      () => routeServer.get<DoctorListView>('/api/v1/doctor'),
      ({ items: seen }) =>
        codes.every((code) => seen.some((item) => item.code === code && isAbout(item, name))),
    );
    const found = items.filter((item) => codes.includes(item.code) && isAbout(item, name));
    // Each finding says what was seen, and what to do about it on either or both sides.
    for (const { text, evidence, ours, theirs } of found) {
      expect(text).not.toBe('');
      expect(evidence).not.toBe('');
      expect(`${ours ?? ''}${theirs ?? ''}`).not.toBe('');
    }
  });
});
